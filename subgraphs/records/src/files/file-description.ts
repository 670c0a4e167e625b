import { BadUserInput } from '@medigraph/platform/graph';
import { type FhirResource } from '@medigraph/schema/scalars';
import { z } from 'zod';

/** What a file is: it stands in the sealed body of the entry alone. */
export interface FileDescription {
  /** A media type, such as `application/dicom`. */
  readonly contentType: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

const mediaType = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/i;
const longestName = 255;

/** @throws `BAD_USER_INPUT` */
export function checkedDescription(file: FileDescription): FileDescription {
  if (!mediaType.test(file.contentType))
    throw new BadUserInput('contentType must be a media type, such as application/dicom.');
  if (file.name === '' || file.name.length > longestName || /[\p{Cc}/\\]/u.test(file.name))
    throw new BadUserInput(
      `name must be a file name: 1 to ${longestName} characters, no slash and no control character.`,
    );
  return file;
}

/** The FHIR resource that an entry with a file holds. */
export function documentReference({ contentType, name, size }: FileDescription, date: string): FhirResource {
  return {
    resourceType: 'DocumentReference',
    status: 'current',
    content: [{ attachment: { contentType, title: name, size, creation: date } }],
  };
}

const withAttachment = z.object({
  content: z
    .array(
      z.object({ attachment: z.object({ contentType: z.string(), title: z.string(), size: z.number() }) }),
    )
    .min(1),
});

/** What the resource says of its file; undefined if it is none that describes one. */
export function describedFile(resource: FhirResource): FileDescription | undefined {
  const attachment = withAttachment.safeParse(resource).data?.content[0]?.attachment;
  return attachment && { contentType: attachment.contentType, name: attachment.title, size: attachment.size };
}
