/** A node's name as one label of DNS, where names of hosts have no dots: `peer0-hospital-a-example`. */
export const hostLabel = (name: string): string => name.replaceAll('.', '-');
