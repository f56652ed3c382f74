{{/*
(dict "root" $ "name" "gateway" "component" … "args" [...] "suffix" "") → what every pod of ours has in common, after
`restartPolicy` and the like; `command`, `mounts` and `volumes` may be there too.
*/}}
{{- define "medley.podSpec" -}}
{{- $root := .root -}}
{{- $suffix := .suffix | default "" -}}
{{- $name := .name -}}
{{- $component := .component -}}
{{- $isService := hasKey (include "medley.table" $root | fromYaml) $name -}}
{{- $hasTls := and (ne $root.Values.grpc.tls.mode "disabled") (not $suffix) (ne $name "helm-test") -}}
serviceAccountName: {{ include "medley.serviceAccountName" (list $root $name) }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml $component.podSecurityContext | nindent 2 }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
# Our own names are whole ones; others should not be tried with every suffix of the cluster first.
dnsConfig: { options: [{ name: ndots, value: "2" }] }
{{- range $key := list "nodeSelector" "tolerations" "affinity" "hostAliases" "priorityClassName" "schedulerName" "runtimeClassName" }}
{{- with index $component $key }}
{{ $key }}: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- if and $isService $component.topologySpreadConstraints }}
topologySpreadConstraints:
{{- range $component.topologySpreadConstraints }}
  - {{ merge . (dict "labelSelector" (dict "matchLabels" (include "medley.selector" (list $root $name) | fromYaml)) "matchLabelKeys" (list "pod-template-hash")) | toYaml | nindent 4 | trim }}
{{- end }}
{{- end }}
{{- with $component.extraInitContainers }}
initContainers: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ $name }}
    image: {{ include "medley.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    {{- with .command }}
    command: {{ toJson . }}
    {{- end }}
    {{- with .args }}
    args: {{ toJson . }}
    {{- end }}
    securityContext: {{- toYaml $component.containersSecurityContext | nindent 6 }}
    {{- with .env | default (include "medley.env" (list $root $name $component) | fromYamlArray) }}
    env: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if $isService }}
    {{- include "medley.portsAndProbes" (list $root $name $component) | nindent 4 }}
    {{- end }}
    resources: {{- toYaml $component.resources | nindent 6 }}
    volumeMounts:
      - { name: config, mountPath: /etc/medley/medley.yaml, subPath: medley.yaml, readOnly: true }
      - { name: secrets, mountPath: /etc/medley/secrets, readOnly: true }
      {{- if $hasTls }}
      - { name: tls, mountPath: /etc/medley/tls, readOnly: true }
      {{- end }}
      - { name: tmp, mountPath: /tmp }
      {{- with concat (.mounts | default list) $component.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    configMap: { name: {{ include "medley.fullname" $root }}{{ $suffix }} }
  - name: secrets
    projected:
      defaultMode: 0440
      sources: {{- include "medley.secretSources" (list $root $name $suffix) | trim | nindent 8 }}
  {{- if $hasTls }}
  - name: tls
    secret: { secretName: {{ include "medley.tlsSecret" (list $root $name) }}, defaultMode: 0440 }
  {{- end }}
  - name: tmp
    emptyDir: { sizeLimit: {{ $component.tmpSize }} }
  {{- with concat (.volumes | default list) $component.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* (list $ "gateway") → the Secret with ca.crt, tls.crt and tls.key of a component. */}}
{{- define "medley.tlsSecret" -}}
{{- $root := index . 0 -}}
{{- if eq $root.Values.grpc.tls.mode "secret" -}}
{{ tpl $root.Values.grpc.tls.secret $root }}
{{- else -}}
{{ include "medley.fullname" $root }}-{{ index . 1 }}-tls
{{- end -}}
{{- end }}

{{/*
Ports, probes and what happens before SIGTERM. The kubelet's gRPC probe knows no TLS, and the gateway speaks no gRPC: there
it is /healthz. Ready is always what /readyz says, since that asks the stores too; alive never depends on them.
*/}}
{{- define "medley.portsAndProbes" -}}
{{- $component := index . 2 -}}
{{- $ports := (index (include "medley.table" (index . 0) | fromYaml) (index . 1)).ports -}}
{{- $type := $component.probes.type -}}
{{- if eq $type "auto" -}}
{{- $type = and (hasKey $ports "grpc") (eq (index . 0).Values.grpc.tls.mode "disabled") | ternary "grpc" "http" -}}
{{- end -}}
{{- $isAlive := eq $type "grpc" | ternary (dict "grpc" (dict "port" $ports.grpc)) (dict "httpGet" (dict "path" "/healthz" "port" "metrics")) -}}
ports:
{{- range $name, $port := $ports }}
  - { name: {{ $name }}, containerPort: {{ $port }}, protocol: TCP }
{{- end }}
startupProbe: {{- merge (deepCopy $isAlive) $component.probes.startup | toYaml | nindent 2 }}
livenessProbe: {{- merge (deepCopy $isAlive) $component.probes.liveness | toYaml | nindent 2 }}
readinessProbe: {{- merge (dict "httpGet" (dict "path" "/readyz" "port" "metrics")) $component.probes.readiness | toYaml | nindent 2 }}
{{- with $component.shutdown.preStopSeconds }}
lifecycle: { preStop: { sleep: { seconds: {{ . }} } } }
{{- end }}
{{- end }}
