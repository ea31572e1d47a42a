"""A relying party of Login.gov, written with Authlib: private_key_jwt and PKCE.

Driven line by line, each one JSON: reads how it is registered, prints where the browser has to go, reads where the
browser came back, and prints the checked claims of the ID token and the userinfo.
"""

import json
import sys

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken


def say(value):
    print(json.dumps(value), flush=True)


registration = json.loads(sys.stdin.readline())
issuer = registration["issuer"]
server = requests.get(f"{issuer}.well-known/openid-configuration", timeout=10).json()
session = OAuth2Session(
    registration["client_id"],
    registration["private_key"],
    scope="openid email",
    redirect_uri=registration["redirect_uri"],
    token_endpoint_auth_method="private_key_jwt",
    code_challenge_method="S256",
)
session.register_client_auth_method(PrivateKeyJWT(server["token_endpoint"]))
verifier, nonce = generate_token(48), generate_token(32)
address, state = session.create_authorization_url(
    server["authorization_endpoint"],
    code_verifier=verifier,
    nonce=nonce,
    acr_values=registration["acr_values"],
)
say({"address": address})

arrived = json.loads(sys.stdin.readline())["arrived"]
session.state = state
token = session.fetch_token(server["token_endpoint"], authorization_response=arrived, code_verifier=verifier)
keys = JsonWebKey.import_key_set(requests.get(server["jwks_uri"], timeout=10).json())
claims = jwt.decode(
    token["id_token"],
    keys,
    claims_cls=CodeIDToken,
    claims_options={
        "iss": {"essential": True, "value": server["issuer"]},
        "aud": {"essential": True, "value": registration["client_id"]},
    },
    claims_params={"nonce": nonce, "client_id": registration["client_id"]},
)
claims.validate(leeway=5)
userinfo = session.get(server["userinfo_endpoint"], timeout=10).json()
say({"claims": dict(claims), "userinfo": userinfo})
