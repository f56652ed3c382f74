import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePorts } from '@medley/testing/free-ports';
import { findOnPath } from '../harness/find-on-path.ts';
import { answers } from '../harness/medley.ts';
import { Program } from '../harness/program.ts';

/** nginx with one worker, which sends files of a folder. */
export interface Nginx extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** Starts nginx for the files in `folder`/files; `undefined` where there is no nginx on the PATH. */
export async function startNginx(folder: string, knownFile: string): Promise<Nginx | undefined> {
  const command = await findOnPath('nginx');
  if (command === undefined) return undefined;
  const port = await findFreePorts(1);
  await mkdir(join(folder, 'logs'), { recursive: true });
  const configPath = join(folder, 'nginx.conf');
  await writeFile(configPath, toConfig(folder, port));
  const program = await Program.start(command, { args: ['-p', folder, '-c', configPath], errorLog: join(folder, 'errors.log') });
  await Promise.race([answers(`http://127.0.0.1:${port}/${knownFile}`), program.failOnExit()]);
  return { pid: program.pid, port, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

function toConfig(folder: string, port: number): string {
  // Only root may choose a user, and root's folder is closed to the one that nginx would choose.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user} daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
events { worker_connections 512; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/octet-stream;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port}; root ${folder}/files; }
}
`;
}
