export { IntegrationNetwork, type IntegrationOptions } from './integration/integration-network.js';
