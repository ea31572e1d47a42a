// Counts down how long each code of the authenticator app counts, and asks the page for its codes again when one runs
// out. Without this script the codes are those of the moment the page was loaded.
const list = document.querySelector('[data-authenticator-app]')
let loadedAt = performance.now()
let isBusy = false

async function refresh() {
  if (isBusy) return
  isBusy = true
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    const fresh = page.querySelector('[data-authenticator-app]')
    if (fresh) list.replaceChildren(...fresh.children)
    loadedAt = performance.now()
  } catch {
    // The next second tries again.
  }
  isBusy = false
}

setInterval(() => {
  if (document.hidden) return
  const gone = Math.floor((performance.now() - loadedAt) / 1000)
  for (const item of list.children) {
    const left = Number(item.dataset.seconds) - gone
    item.querySelector('[data-seconds-left]').textContent = String(Math.max(0, left))
    // Whoever is at a button there keeps it until they move on.
    if (left <= 0 && !list.contains(document.activeElement)) void refresh()
  }
}, 1000)

document.addEventListener('visibilitychange', () => {
  // The suite's clock may have been moved in another tab.
  if (!document.hidden) void refresh()
})
