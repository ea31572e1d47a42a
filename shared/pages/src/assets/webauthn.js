// Asks the browser for what a security key, a passkey or the device's own lock has to say, and sends the form with it.
// Until this has run the form is hidden; the page has another way.
const { PublicKeyCredential } = window
const canAsk =
  PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential.parseCreationOptionsFromJSON

async function credentialFor({ webauthn, options }) {
  const given = JSON.parse(options)
  return webauthn === 'create'
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given) })
}

for (const form of document.querySelectorAll('form[data-webauthn]')) {
  if (!canAsk) break
  const failure = form.querySelector('[data-webauthn-failure]')
  const response = form.elements.namedItem('response')
  for (const instead of document.querySelectorAll('[data-webauthn-missing]')) instead.hidden = true
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    failure.hidden = true
    try {
      const credential = await credentialFor(form.dataset)
      response.value = JSON.stringify(credential.toJSON())
      form.submit()
    } catch (error) {
      // Without a message of ours the person was not asked at all, or said no, or waited too long.
      const known = error.name === 'InvalidStateError' ? failure.dataset.registered : undefined
      failure.querySelector('p').textContent = known ?? failure.dataset.cancelled
      failure.hidden = false
      failure.focus()
    }
  })
}
