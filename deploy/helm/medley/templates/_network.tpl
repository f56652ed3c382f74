{{/* (list $ "gateway") → a peer: the pods of a component. */}}
{{- define "medley.peer" -}}
podSelector:
  matchLabels: {{- include "medley.selector" . | nindent 4 }}
{{- end }}

{{/* A list of port numbers → the ports of a rule, in TCP. */}}
{{- define "medley.tcpPorts" -}}
{{- range . }}
- { protocol: TCP, port: {{ . }} }
{{- end }}
{{- end }}

{{/* (list $ "gateway" row) → the rules for what comes in. */}}
{{- define "medley.ingressRules" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $row := index . 2 -}}
{{- $networkPolicy := (include "medley.component" (list $root $name) | fromYaml).networkPolicy -}}
{{- if $row.ports.http }}
{{- $from := $networkPolicy.from }}
- ports: [{ protocol: TCP, port: http }]
  {{- if $from }}
  from:
    - {{ include "medley.peer" (list $root "helm-test") | nindent 6 | trim }}
    {{- toYaml $from | nindent 4 }}
  {{- end }}
{{- end }}
{{- range $caller, $its := merge (include "medley.table" $root | fromYaml) (include "medley.jobTable" $root | fromYaml) }}
{{- with index $its.calls $name }}
{{- if ne $name "gateway" }}
- from:
    - {{ include "medley.peer" (list $root $caller) | nindent 6 | trim }}
  ports:
  {{- range . }}
    - { protocol: TCP, port: {{ . }} }
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if $row.ports.grpc }}
{{- with $root.Values.networkPolicy.grpcCallers }}
- from: {{- toYaml . | nindent 4 }}
  ports: [{ protocol: TCP, port: grpc }{{ if $row.ports.data }}, { protocol: TCP, port: data }{{ end }}]
{{- end }}
{{- end }}
{{- if $row.ports.metrics }}
- from: {{- toYaml $root.Values.networkPolicy.prometheus | nindent 4 }}
  ports: [{ protocol: TCP, port: metrics }]
{{- end }}
{{- with $networkPolicy.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* (list $ "gateway" row) → the rules for what goes out: DNS, the services it calls, and what lies outside. */}}
{{- define "medley.egressRules" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $row := index . 2 -}}
{{- $table := include "medley.table" $root | fromYaml -}}
{{- $networkPolicy := (include "medley.component" (list $root $name) | fromYaml).networkPolicy -}}
- to: {{- toYaml $root.Values.networkPolicy.dns | nindent 4 }}
  ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
{{- range $callee, $ports := $row.calls }}
- to:
    - {{ include "medley.peer" (list $root $callee) | nindent 6 | trim }}
  ports:
  {{- range $ports }}
    - { protocol: TCP, port: {{ index $table $callee "ports" . }} }
  {{- end }}
{{- end }}
{{- range $row.reaches }}
{{- include (printf "medley.reach.%s" .) (list $root $networkPolicy) }}
{{- end }}
{{- with $networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "medley.reach.homeservers" -}}
{{- $given := (index . 1).homeservers }}
- to:
  {{- with $given }}
    {{- toYaml . | nindent 4 }}
  {{- else }}
    - podSelector: { matchExpressions: [{ key: app.kubernetes.io/part-of, operator: NotIn, values: [medley] }] }
  {{- range (include "medley.homeserverPlaces" (index . 0) | fromYaml).namespaces }}
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: {{ quote . }} } }
      podSelector: { matchExpressions: [{ key: app.kubernetes.io/part-of, operator: NotIn, values: [medley] }] }
  {{- end }}
  {{- end }}
  {{- with (index . 1).webhooks }}
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Where the URLs of the homeservers say that these are: other `namespaces`, and `elsewhere` the URLs that name no Service. */}}
{{- define "medley.homeserverPlaces" -}}
{{- $namespaces := list -}}
{{- $elsewhere := list -}}
{{- range include "medley.homeservers" . | fromYamlArray -}}
{{- with (.config | default dict).client_api | default .clientApi -}}
{{- $host := include "medley.plainHost" (urlParse .).host -}}
{{- $namespace := regexReplaceAll "^([^.]+\\.)+([^.]+)\\.svc(\\..+)?$" $host "${2}" -}}
{{- if regexMatch (printf "^[^.]+\\.%s$" $.Release.Namespace) $host -}}
{{- $namespace = $.Release.Namespace -}}
{{- end -}}
{{- if ne $namespace $host -}}
{{- if ne $namespace $.Release.Namespace }}{{ $namespaces = append $namespaces $namespace }}{{ end -}}
{{- else if or (contains "." $host) (contains ":" $host) -}}
{{- $elsewhere = append $elsewhere . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "namespaces" (uniq $namespaces) "elsewhere" (uniq $elsewhere) | toYaml -}}
{{- end }}

{{/* Nothing, where a unix socket is told. */}}
{{- define "medley.reach.clamd" -}}
{{- with regexFind "[0-9]+$" (index . 0).Values.contentScanner.clamav.address }}
- ports: {{- include "medley.tcpPorts" (list .) | trim | nindent 4 }}
  {{- with (index $ 1).clamd }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "medley.reach.mongodb" -}}
{{- $root := index . 0 -}}
{{- include "medley.reach.store" (list $root "mongodb" $root.Values.mongodb.networkPolicy.to $root.Values.mongodb.networkPolicy.ports) -}}
{{- end }}

{{- define "medley.reach.s3" -}}
{{- $root := index . 0 -}}
{{- $url := include "medley.s3Endpoint" $root | urlParse -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- include "medley.reach.store" (list $root "s3" $root.Values.s3.networkPolicy.to ($root.Values.s3.networkPolicy.ports | default (list $port))) -}}
{{- end }}

{{/* A store outside may be anywhere; the one for try-outs is a pod of ours. */}}
{{- define "medley.reach.store" -}}
{{- $root := index . 0 }}
- ports: {{- include "medley.tcpPorts" (index . 3) | trim | nindent 4 }}
  {{- if $root.Values.demo.enabled }}
  to:
    - {{ include "medley.peer" (list $root (index . 1)) | nindent 6 | trim }}
  {{- else if index . 2 }}
  to: {{- toYaml (index . 2) | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "medley.reach.telemetry" -}}
{{- with (index . 0).Values.monitoring.otlp }}
{{- if .endpoint }}
- ports: [{ protocol: TCP, port: {{ .port }} }]
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Public addresses at any port, since servers choose their own. Whether one is fetched from is judged again by the service. Kubernetes takes
no exception that lies outside of what is opened. */}}
{{- define "medley.reach.internet" -}}
{{- with (index . 0).Values.networkPolicy -}}
{{- $four := list }}
{{- $six := list }}
{{- range concat .deniedNetworks .clusterNetworks }}
{{- if not (contains ":" .) }}{{ $four = append $four . }}{{ else if regexMatch "^[23][0-9A-Fa-f]{3}:" . }}{{ $six = append $six . }}{{ end }}
{{- end }}
- ports: [{ protocol: TCP, port: 1, endPort: 65535 }]
  to:
    - ipBlock: { cidr: 0.0.0.0/0, except: {{ toJson $four }} }
    - ipBlock: { cidr: "2000::/3", except: {{ toJson $six }} }
{{- end }}
{{- end }}

{{/* (list $ "gateway" row "") → a NetworkPolicy's spec. What it does not name is closed, both ways. */}}
{{- define "medley.networkPolicySpec" -}}
podSelector:
  matchLabels: {{- include "medley.selector" . | nindent 4 }}
policyTypes: [Ingress, Egress]
{{- with include "medley.ingressRules" . | trim }}
ingress: {{- nindent 2 . }}
{{- end }}
egress: {{- include "medley.egressRules" . | nindent 2 }}
{{- end }}
