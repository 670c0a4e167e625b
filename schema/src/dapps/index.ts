export * from './manifest.js';
export * from './names.js';
