{{/* The names of things. */}}

{{- define "medley.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name -}}
{{- $full := .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) -}}
{{- $full | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* (list $ "gateway") → what selects exactly the pods of a component. */}}
{{- define "medley.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Values.nameOverride | default $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* (list $ "gateway") → the labels of an object. */}}
{{- define "medley.labels" -}}
{{- $root := index . 0 -}}
{{ include "medley.selector" . }}
app.kubernetes.io/part-of: medley
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A chart's own version is left out of the labels of pods, so that a new chart alone restarts none. */}}
{{- define "medley.podLabels" -}}
{{- $root := index . 0 -}}
{{ include "medley.selector" . }}
app.kubernetes.io/part-of: medley
{{- with $root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A host as it is compared: neither case, nor a port, nor a trailing dot counts. */}}
{{- define "medley.plainHost" -}}
{{- . | lower | regexFind "^(\\[.*\\]|[^:]+)" | trimSuffix "." -}}
{{- end }}

{{- define "medley.image" -}}
{{- with .Values.image -}}
{{ with .registry }}{{ . }}/{{ end }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* (list $ "federation-fetch") → the values of a component: the defaults, with its own block over them. */}}
{{- define "medley.component" -}}
{{- $root := index . 0 -}}
{{- $key := index . 1 | camelcase | untitle -}}
{{- $own := deepCopy (index $root.Values $key | default dict) -}}
{{- $all := mergeOverwrite (deepCopy $root.Values.defaults) $own -}}
{{- range $list := list "extraEnv" "extraVolumes" "extraVolumeMounts" "extraInitContainers" -}}
{{- $_ := set $all $list (concat (index $root.Values.defaults $list) (index $own $list | default list) | default list) -}}
{{- end -}}
{{- toYaml $all -}}
{{- end }}

{{/* (list $ "gateway") → the name of the ServiceAccount of a component. */}}
{{- define "medley.serviceAccountName" -}}
{{- $component := include "medley.component" . | fromYaml -}}
{{- $own := printf "%s-%s" (include "medley.fullname" (index . 0)) (index . 1) -}}
{{- $component.serviceAccount.name | default ($component.serviceAccount.create | ternary $own "default") -}}
{{- end }}

{{/* Whether a component runs, as text that is empty or not. */}}
{{- define "medley.isEnabled" -}}
{{- if (include "medley.component" . | fromYaml).enabled -}}yes{{- end -}}
{{- end }}
