// api: modules.errors
// k6-skip: it knows the module
// k6-differs: there is no gRPC
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/net/grpc"
// expect: stderr contains "grpc.js:8"
import grpc from 'k6/net/grpc';

export default function () {
  new grpc.Client();
}
