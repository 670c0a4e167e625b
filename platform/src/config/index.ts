export { describeConfiguration, loadConfiguration, type SettingDescription } from './configuration.js';
export { ConfigurationError } from './configuration-error.js';
export { settings, type Configuration, type Setting } from './settings.js';
