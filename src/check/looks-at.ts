/** Parts of a survey, each with a list of what it could not look at. */
export type SurveyPart =
  | 'packages'
  | 'hardware'
  | 'logins'
  | 'session'
  | 'network'
  | 'files'
  | 'data'
  | 'software'
  | 'capabilities'
  | 'libraries'
  | 'hooks'
  | 'guests';

/** What a check needs beside the packages and files that are read of every root. */
export interface LooksAt {
  /** Of which roots it has something to say; absent for all. */
  readonly only?: 'host' | 'folder';
  /** What apt has to have said. */
  readonly apt?: 'repositories' | 'target';
  /** Whatever one of them could not look at is missing here. */
  readonly parts?: readonly SurveyPart[];
  /** `what` of that which is missing here, when it could not be looked at; of folders, what is in them, too. */
  readonly topics?: readonly string[];
}
