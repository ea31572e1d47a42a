// Sends the answer of a security key on to the site that asked. Whoever comes back to this page by the Back button stays.
const [navigation] = performance.getEntriesByType('navigation')
if (navigation?.type !== 'back_forward') document.querySelector('form[data-continue]').requestSubmit()
