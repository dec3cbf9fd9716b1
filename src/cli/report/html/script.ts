/** The page is complete without it: it only copies commands and filters the table of packages. */
export const script = `
'use strict';
document.documentElement.classList.add('js');

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(button) {
  const code = button.parentElement.querySelector('code');
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = 'Copied';
  } catch {
    select(code);
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

for (const button of document.querySelectorAll('.copy')) button.addEventListener('click', () => copy(button));

const filter = document.querySelector('.filter');
if (filter) {
  const rows = [...document.querySelectorAll('.packages tbody tr')];
  const [name, change, wave] = ['name', 'change', 'wave'].map((one) => document.getElementById('filter-' + one));
  const shown = document.getElementById('filter-shown');
  const apply = () => {
    const words = name.value.toLowerCase().trim();
    let count = 0;
    for (const row of rows) {
      const hit =
        row.dataset.name.includes(words) &&
        (change.value === '' || row.dataset.change === change.value) &&
        (wave.value === '' || row.dataset.waves.split(' ').includes(wave.value));
      row.hidden = !hit;
      if (hit) count += 1;
    }
    shown.textContent = count + ' of ' + rows.length + ' packages';
  };
  for (const one of [name, change, wave]) one.addEventListener('input', apply);
  apply();
}

addEventListener('beforeprint', () => {
  for (const one of document.querySelectorAll('details')) one.open = true;
});
`;
