/** What a panel asks Prometheus, and how each series is named. */
export interface Query {
  readonly expr: string;
  /** In Grafana's words: `{{label}}` stands for a value. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows, and when to worry. */
  readonly description: string;
  /** Grafana's word for the unit. */
  readonly unit: 's' | 'percentunit' | 'reqps' | 'ops' | 'bytes' | 'Bps' | 'short' | 'dateTimeAsIso';
  readonly queries: readonly Query[];
  /** A number that stands for itself, instead of a graph. */
  readonly isStat?: boolean;
}

export interface Dashboard {
  /** Its file's name and its address in Grafana. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const COLUMNS = 24;
const PANEL = { graph: { w: 12, h: 8 }, stat: { w: 6, h: 4 } } as const;
const SOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** What Grafana reads. */
export function toGrafana({ uid, title, panels }: Dashboard): object {
  return {
    uid, title, tags: ['medley'], schemaVersion: 39, editable: true, graphTooltip: 1, timezone: 'browser', refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'namespace', type: 'query', label: 'Namespace', datasource: SOURCE, query: 'label_values(medley_build_info, namespace)', refresh: 2,
          includeAll: true, multi: true, allValue: '.*', current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels: place(panels).map(({ panel, gridPos }, index) => toGrafanaPanel(panel, gridPos, index + 1)),
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** From left to right; a new row where one is full or the height changes. */
function place(panels: readonly Panel[]): readonly { readonly panel: Panel; readonly gridPos: Place }[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel) => {
    const { w, h } = panel.isStat === true ? PANEL.stat : PANEL.graph;
    if (x + w > COLUMNS || (rowHeight > 0 && h !== rowHeight)) [x, y] = [0, y + rowHeight];
    const gridPos = { x, y, w, h };
    [x, rowHeight] = [x + w, h];
    return { panel, gridPos };
  });
}

function toGrafanaPanel({ title, description, unit, queries, isStat = false }: Panel, gridPos: Place, id: number): object {
  return {
    id, title, description, gridPos, datasource: SOURCE, type: isStat ? 'stat' : 'timeseries',
    fieldConfig: { defaults: { unit, ...(isStat ? {} : { min: 0 }) }, overrides: [] },
    options: isStat ? { reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index), expr, legendFormat: legend, datasource: SOURCE, exemplar: expr.includes('_bucket'), ...(isStat && { instant: true }),
    })),
  };
}
