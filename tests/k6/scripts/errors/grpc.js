// api: other.k6/net/grpc
// k6-skip: it knows the module
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/net/grpc"
// expect: stderr contains "grpc.js:7"
import grpc from 'k6/net/grpc';

export default function () {
  new grpc.Client();
}
