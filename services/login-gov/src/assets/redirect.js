// Presses the one link of the page that leads back to a relying service.
document.getElementById('openid-connect-redirect')?.click()
