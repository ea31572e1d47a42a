// Warns before the session ends, keeps it alive when asked, and leaves the page when it is over.
const part = document.querySelector('[data-session-end]')
if (part) {
  let timers = []
  const begin = (left) => {
    for (const timer of timers) clearTimeout(timer)
    part.hidden = true
    timers = [
      setTimeout(
        () => {
          part.hidden = false
          part.scrollIntoView({ block: 'nearest' })
        },
        Math.max(0, left - Number(part.dataset.sessionWarning)),
      ),
      setTimeout(() => {
        location.href = part.dataset.sessionOver
      }, left),
    ]
  }
  begin(Number(part.dataset.sessionEnd))
  part.querySelector('[data-session-stay]').addEventListener('click', async () => {
    const answer = await fetch(part.dataset.sessionActive, { headers: { accept: 'application/json' } })
    const { endsIn } = await answer.json()
    if (endsIn > 0) begin(endsIn)
    else location.href = part.dataset.sessionOver
  })
}
