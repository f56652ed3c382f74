import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { at, listAt, textAt } from './json.ts';
import { ofKind, type Workload } from './objects.ts';
import type { KubeObject } from './render.ts';

/** What a process in a pod would find. */
export interface PodFiles {
  /** medley.yaml, with the paths in it as they are here. */
  readonly configPath: string;
  readonly env: Readonly<Record<string, string>>;
}

const MOUNTED = '/etc/medley';

/** Where it is laid out, and what is made up. */
interface Place {
  readonly folder: string;
  readonly secretText: (path: string) => string;
  /** By default of the family that the pod listens for. */
  readonly podIp?: string;
}

/** Lays out in a folder what a pod mounts below /etc/medley: ConfigMaps as rendered, secrets as `secretText` makes them up. */
export async function layOut(workload: Workload, objects: readonly KubeObject[], { folder, secretText, podIp }: Place): Promise<PodFiles> {
  const dataOf = (name: string): unknown => at(ofKind(objects, 'ConfigMap').find((one) => textAt(one, 'metadata', 'name') === name), 'data');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const volumes = listAt(workload.pod, 'volumes');
  const configMap = textAt(volumes.find((volume) => textAt(volume, 'name') === 'config'), 'configMap', 'name');
  await write('medley.yaml', relocate(textAt(dataOf(configMap), 'medley.yaml'), folder));
  for (const source of volumes.flatMap((volume) => listAt(volume, 'projected', 'sources'))) {
    for (const item of listAt(source, 'secret', 'items')) await write(`secrets/${textAt(item, 'path')}`, secretText(textAt(item, 'path')));
    for (const item of listAt(source, 'configMap', 'items')) await write(`secrets/${textAt(item, 'path')}`, textAt(dataOf(textAt(source, 'configMap', 'name')), textAt(item, 'key')));
  }
  if (volumes.some((volume) => textAt(volume, 'name') === 'tls')) for (const file of ['ca.crt', 'tls.crt', 'tls.key']) await write(`tls/${file}`, secretText(file));
  return { configPath: join(folder, 'medley.yaml'), env: envOf(workload, folder, podIp) };
}

function envOf({ containers }: Workload, folder: string, givenIp?: string): Record<string, string> {
  const given = listAt(containers.at(-1), 'env').map((one) => [textAt(one, 'name'), textAt(one, 'value')] as const);
  const podIp = givenIp ?? (given.some(([, value]) => value.includes('[::]')) ? 'fd00::3' : '10.1.2.3');
  const known = new Map(given.map(([name, value]) => [name, name === 'POD_IP' ? podIp : value]));
  const expand = (value: string): string => value.replace(/\$\((\w+)\)/g, (_all, name: string) => known.get(name) ?? '');
  return Object.fromEntries(given.map(([name, value]) => [name, relocate(expand(value), folder)]));
}

function relocate(text: string, folder: string): string {
  return text.replaceAll(`${MOUNTED}/`, `${folder}/`);
}

