import type { Performers } from '../../state/system/performance.ts';
import type { DataAction } from '../data-actions.ts';
import { dropExports, exportData, importData } from './carry.ts';

export const dataActions: Performers<DataAction> = {
  'export-data': exportData,
  'import-data': importData,
  'drop-exports': dropExports,
};
