export { type Home, openHome } from './development/home.js';
export { install, registerInstitutions } from './development/people.js';
export { publishHere } from './development/publication.js';
export { IntegrationNetwork, type IntegrationOptions } from './integration/integration-network.js';
