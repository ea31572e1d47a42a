// Brings out the "show password" box beside a password field. Pages work without this file.
for (const box of document.querySelectorAll('[data-show-password]')) {
  const field = document.getElementById(box.dataset.showPassword)
  const tick = box.querySelector('input')
  if (!field || !tick) continue
  const show = () => {
    field.type = tick.checked ? 'text' : 'password'
  }
  box.hidden = false
  tick.addEventListener('change', show)
  // Hidden again before leaving, so that browsers do not remember the password as ordinary text.
  field.form?.addEventListener('submit', () => {
    field.type = 'password'
  })
  // Browsers restore ticks when a person comes back to the page.
  window.addEventListener('pageshow', show)
}
