#pragma once

#include "bed.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

/// A namespace of its own with an mlk.yaml of one job, "tune": two nodes with a GPU each, unless a test says other. The
/// bed's GPUs are few and many tests share them.
class TrainRoom {
 public:
  struct Job {
    std::string annotations = "{}";
    std::string gpus = "h100:1";
    int nodes = 2;
    std::string more;  ///< lines of YAML, indented by four
  };

  explicit TrainRoom(const mlk::test::Bed& bed, const Job& job, bool as_admin = false)
      : m_bed(bed),
        m_namespace(mlk::test::unique_name("train")),
        m_mlk(as_admin ? bed.admin_kubeconfig() : bed.dev_kubeconfig()) {
    bed.make_namespace(m_namespace);
    write(job);
  }
  explicit TrainRoom(const mlk::test::Bed& bed) : TrainRoom(bed, Job{}) {}
  ~TrainRoom() {
    // Pods go at once this way; with the namespace they would hold their GPUs for a while.
    kubectl({"delete", "jobs,pods", "--all", "--wait=false"});
    m_bed.kubectl({"delete", "namespace", m_namespace, "--wait=false"});
  }
  TrainRoom(const TrainRoom&) = delete;
  TrainRoom& operator=(const TrainRoom&) = delete;

  void write(const Job& job) const {
    m_mlk.write("mlk.yaml", "mlk: v1\nname: shop\nnamespace: " + m_namespace + R"(
jobs:
  tune:
    image: registry.example.com/shop/trainer:1.4
    command: [torchrun, train.py]
    nodes: )" + std::to_string(job.nodes) +
                                "\n    gpus: " + job.gpus +
                                "\n    resources: {cpu: 4, memory: 32Gi}\n    annotations: " + job.annotations + "\n" +
                                job.more);
  }

  const std::string& space() const { return m_namespace; }
  const mlk::test::Mlk& mlk() const { return m_mlk; }
  mlk::test::Ended train(std::vector<std::string> args) const {
    args.insert(args.begin(), "train");
    return m_mlk.run(std::move(args));
  }
  mlk::test::Ended kubectl(std::vector<std::string> args, const std::string& input = {}) const {
    args.insert(args.end(), {"-n", m_namespace});
    return m_bed.kubectl(args, input);
  }
  /// An object by kubectl; null where it isn't there.
  mlk::document::Node get(const std::string& what) const {
    const auto got = kubectl({"get", what, "-o", "json"});
    auto node = mlk::document::read_json(got.out);
    return node ? *std::move(node) : mlk::document::Node();
  }
  /// The JSON that a verb prints at its end.
  static mlk::document::Node last_record(const std::string& out) {
    const std::size_t end = out.find_last_not_of('\n');
    const std::size_t begin = end == std::string::npos ? end : out.find_last_of('\n', end);
    auto node = mlk::document::read_json(out.substr(begin == std::string::npos ? 0 : begin + 1));
    REQUIRE(node);
    return *std::move(node);
  }

 private:
  const mlk::test::Bed& m_bed;
  std::string m_namespace;
  mlk::test::Mlk m_mlk;
};
