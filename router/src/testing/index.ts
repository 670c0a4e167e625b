export { Clinic } from './clinic.js';
