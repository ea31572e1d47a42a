// Copy buttons. Without this script they stay hidden, and the values are there to select.
document.documentElement.classList.add('lab-scripted')

const heard = document.querySelector('[data-copy-status]')
let reset

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (!button) return
  const isCopied = await copy(button.dataset.copy)
  clearTimeout(reset?.timer)
  reset?.run()
  button.textContent = isCopied ? 'Copied' : 'Select it'
  heard.textContent = isCopied ? 'Copied' : 'It cannot be copied here. Select it instead.'
  const run = () => {
    button.textContent = 'Copy'
    heard.textContent = ''
  }
  reset = { run, timer: setTimeout(run, 2000) }
})

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
