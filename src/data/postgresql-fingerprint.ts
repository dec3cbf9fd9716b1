import clusterSql from '#guest/postgresql/cluster-fingerprint.sql';
import databaseSql from '#guest/postgresql/database-fingerprint.sql';
import sessionSql from '#guest/postgresql/session.sql';
import trialSql from '#guest/postgresql/trial.sql';

/**
 * A variable of psql's. As `:name` it stands for its text, whatever that is, in what comes after it.
 *
 * @see psql(1), `\set`
 */
export function psqlVariable(name: string, text: string): string {
  return `\\set ${name} '${text.replaceAll("'", "''")}'\n`;
}

/**
 * For one database, for psql.
 *
 * @param version the major version
 */
export function databaseFingerprint(version: string): string {
  const major = Number.parseInt(version, 10);
  return psqlVariable('trim', major >= 14 ? 'rtrim' : 'btrim') + sessionSql + databaseSql;
}

/** For what all databases of a cluster share. */
export function clusterFingerprint(version: string): string {
  const major = Number.parseInt(version, 10);
  const locale = `${major < 17 ? 'd.daticulocale' : 'd.datlocale'}::text, d.datlocprovider::text,`;
  return psqlVariable('locale', major < 15 ? '' : locale) + sessionSql + clusterSql;
}

/** Fails where a restore could not load the rows of a database. */
export const trialQuery = sessionSql + trialSql;
