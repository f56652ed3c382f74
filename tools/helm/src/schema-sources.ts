/** Where the schema of a kind comes from: a definition of Kubernetes' own OpenAPI, or a file with a CustomResourceDefinition. */
export interface SchemaSource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly from: { readonly definition: string } | { readonly module: string; readonly file: string };
}

/** The Go module that Kubernetes' OpenAPI is taken from, and the file in it. */
export const KUBERNETES = { module: 'k8s.io/kubernetes@v1.36.3', file: 'api/openapi-spec/swagger.json' } as const;

const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const KEDA = 'github.com/kedacore/keda/v2@v2.20.2';
const GATEWAY = 'sigs.k8s.io/gateway-api@v1.6.3';
const CERT_MANAGER = 'github.com/cert-manager/cert-manager@v1.21.2';

/** Every kind that the chart may render. */
export const SCHEMA_SOURCES: readonly SchemaSource[] = [
  ...ofKubernetes('core', 'v1', ['ConfigMap', 'Pod', 'Secret', 'Service', 'ServiceAccount']),
  ...ofKubernetes('apps', 'v1', ['Deployment', 'StatefulSet']),
  ...ofKubernetes('autoscaling', 'v2', ['HorizontalPodAutoscaler']),
  ...ofKubernetes('batch', 'v1', ['CronJob', 'Job']),
  ...ofKubernetes('networking', 'v1', ['Ingress', 'NetworkPolicy']),
  ...ofKubernetes('policy', 'v1', ['PodDisruptionBudget']),
  ...['PodMonitor', 'PrometheusRule', 'ServiceMonitor'].map((kind) => ({
    apiVersion: 'monitoring.coreos.com/v1', kind,
    from: { module: OPERATOR, file: `example/prometheus-operator-crd/monitoring.coreos.com_${kind.toLowerCase()}s.yaml` },
  })),
  { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', from: { module: KEDA, file: 'config/crd/bases/keda.sh_scaledobjects.yaml' } },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', from: { module: GATEWAY, file: 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml' } },
  { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', from: { module: CERT_MANAGER, file: 'deploy/crds/cert-manager.io_certificates.yaml' } },
];

function ofKubernetes(group: string, version: string, kinds: readonly string[]): SchemaSource[] {
  const suffix = group === 'networking' ? '.k8s.io' : '';
  const apiVersion = group === 'core' ? version : `${group}${suffix}/${version}`;
  return kinds.map((kind) => ({ apiVersion, kind, from: { definition: `io.k8s.api.${group}.${version}.${kind}` } }));
}
