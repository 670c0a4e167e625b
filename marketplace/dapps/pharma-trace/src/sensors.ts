/** What sensors say of things on their way, as EPCIS 2.0 has it. */
import { DataType, Property } from '@medigraph/dapp';

@DataType('Where and when something was measured.')
export class Measurement {
  @Property('The device.', { optional: true, maxLength: 200 })
  deviceID?: string;

  @Property('Address of what is known of the device.', { optional: true, maxLength: 200 })
  deviceMetadata?: string;

  @Property('Address of what it measured, as it came.', { optional: true, maxLength: 200 })
  rawData?: string;

  @Property('Address of how the values were made of it.', { optional: true, maxLength: 200 })
  dataProcessingMethod?: string;

  @Property('When.', { format: 'date-time', optional: true })
  time?: string;
}

@DataType('What a sensor measured (EPCIS sensorReport): one value, or what values of a while came to.')
export class SensorReport extends Measurement {
  @Property('What was measured, as GS1 names it: Temperature, RelativeHumidity, Illuminance.', {
    optional: true,
    maxLength: 100,
  })
  type?: string;

  @Property('The value.', { optional: true })
  value?: number;

  @Property('The lowest.', { optional: true })
  minValue?: number;

  @Property('The highest.', { optional: true })
  maxValue?: number;

  @Property('The mean.', { optional: true })
  meanValue?: number;

  @Property('The organism that was looked for.', { optional: true, maxLength: 200 })
  microorganism?: string;

  @Property('The substance that was looked for.', { optional: true, maxLength: 200 })
  chemicalSubstance?: string;

  @Property('Which part of a value of several: x, latitude, axial_distance.', {
    optional: true,
    maxLength: 200,
  })
  component?: string;

  @Property('A value in words.', { optional: true, maxLength: 200 })
  stringValue?: string;

  @Property('A value of yes or no.', { optional: true })
  booleanValue?: boolean;

  @Property('A value in hexadecimal digits.', { optional: true, maxLength: 200 })
  hexBinaryValue?: string;

  @Property('A value that is an address.', { optional: true, maxLength: 200 })
  uriValue?: string;

  @Property('Their standard deviation.', { optional: true })
  sDev?: number;

  @Property('The percentile, as a number from 0 to 100.', { optional: true })
  percRank?: number;

  @Property('The value at that percentile.', { optional: true })
  percValue?: number;

  @Property('Of coordinates.', { optional: true, maxLength: 200 })
  coordinateReferenceSystem?: string;

  @Property('Unit, as UN/CEFACT has it: CEL, A93.', { optional: true, maxLength: 10 })
  uom?: string;

  @Property('That it is alarming, or that the sensor failed.', {
    enum: ['ALARM_CONDITION', 'ERROR_CONDITION'],
    optional: true,
  })
  exception?: 'ALARM_CONDITION' | 'ERROR_CONDITION';
}

@DataType('Which sensor measured, and when (EPCIS sensorMetadata).')
export class SensorMetadata extends Measurement {
  @Property('Address of the rules that it was set up by.', { optional: true, maxLength: 200 })
  bizRules?: string;

  @Property('From when on.', { format: 'date-time', optional: true })
  startTime?: string;

  @Property('Until when.', { format: 'date-time', optional: true })
  endTime?: string;
}

@DataType('What sensors measured on the way, such as of a cold chain (EPCIS sensorElement).')
export class SensorElement {
  @Property('Which sensor, and when.', { optional: true })
  sensorMetadata?: SensorMetadata;

  @Property('What it measured.', { type: [SensorReport], minItems: 1, maxItems: 50 })
  sensorReport!: SensorReport[];
}
