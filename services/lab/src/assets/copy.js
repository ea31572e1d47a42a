// Copy buttons. Without this script they stay hidden, and the values are there to select.
document.documentElement.classList.add('lab-scripted')

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (!button) return
  try {
    await navigator.clipboard.writeText(button.dataset.copy)
    button.textContent = 'Copied'
  } catch {
    button.textContent = 'Select it'
  }
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 2000)
})
