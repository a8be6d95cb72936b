#!/bin/sh
# A job of Snakemake as a Job of Kubernetes:
#   job.sh submit RULE CPUS MEMORY_MB MINUTES SCRIPT    prints the name of the job
#   job.sh status NAME                                  prints running, success or failed
#   job.sh cancel NAME...
# PGX_IMAGE, PGX_CLAIM and PGX_MOUNT name the image, the claim of the volume, and where it is mounted.
set -eu

submit() {
    name="pgx-$(printf %s "$1" | tr _ -)-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')"
    kubectl create -f - >&2 <<EOF
apiVersion: batch/v1
kind: Job
metadata:
  name: $name
spec:
  backoffLimit: 0
  activeDeadlineSeconds: $((60 * $4))
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: job
          image: "$PGX_IMAGE"
          command: ["sh", "$5"]
          workingDir: "$PWD"
          resources:
            requests: {cpu: "$2", memory: "${3}M"}
            limits: {memory: "${3}M"}
          volumeMounts: [{name: run, mountPath: "$PGX_MOUNT"}]
      volumes:
        - name: run
          persistentVolumeClaim: {claimName: "$PGX_CLAIM"}
EOF
    echo "$name"
}

status() {
    if ! counts=$(kubectl get job "$1" -o 'jsonpath={.status.succeeded},{.status.failed}' 2>&1); then
        # A server that does not answer says nothing of the job.
        case $counts in
        *NotFound*) echo failed ;;
        *) echo running ;;
        esac
        return
    fi
    case $counts in
    [1-9]*,*) echo success ;;
    *,[1-9]*) echo failed ;;
    *) echo running ;;
    esac
}

what=$1
shift
case $what in
submit) submit "$@" ;;
status) status "$@" ;;
cancel) kubectl delete job --wait=false "$@" >&2 ;;
esac
