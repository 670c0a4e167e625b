// Buttons that ask for a passkey: data-passkey says what for ("get" to sign in, "create" to add one), data-options where the
// request comes from, data-target where the answer goes.
'use strict';

const { browserSupportsWebAuthn, startAuthentication, startRegistration } = SimpleWebAuthnBrowser;

async function post(address, body) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

async function use(button) {
  const { passkey, options, target } = button.dataset;
  const problem = button.parentElement.querySelector('[data-passkey-problem]');
  problem.hidden = true;
  button.disabled = true;
  try {
    const optionsJSON = await post(options, {});
    const ask = passkey === 'create' ? startRegistration : startAuthentication;
    const { location } = await post(target, await ask({ optionsJSON }));
    window.location.assign(location);
  } catch {
    problem.hidden = false;
  } finally {
    button.disabled = false;
  }
}

if (browserSupportsWebAuthn()) {
  for (const button of document.querySelectorAll('[data-passkey]')) {
    button.hidden = false;
    button.addEventListener('click', () => void use(button));
  }
}
