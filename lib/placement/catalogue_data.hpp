#pragma once

#include <mlk/placement/catalogue.hpp>

#include <array>

// The GPU models that mlk knows by name. Product labels are nvidia-smi's names with "-" for spaces (GPU feature
// discovery); accelerator names are GKE's; instance names are Karpenter's. MIG profiles: NVIDIA's MIG user guide.
namespace mlk::inline v0::placement::data {

using Names = std::string_view;

inline constexpr std::array<Names, 1> k_a10{"NVIDIA-A10"};
inline constexpr std::array<Names, 1> k_a10g{"NVIDIA-A10G"};
inline constexpr std::array<Names, 7> k_a100{"A100-PCIE-40GB",        "A100-SXM4-40GB",        "NVIDIA-A100-80GB-PCIe",
                                             "NVIDIA-A100-PCIE-40GB", "NVIDIA-A100-PCIE-80GB", "NVIDIA-A100-SXM4-40GB",
                                             "NVIDIA-A100-SXM4-80GB"};
inline constexpr std::array<Names, 4> k_a100_40{"A100-PCIE-40GB", "A100-SXM4-40GB", "NVIDIA-A100-PCIE-40GB",
                                                "NVIDIA-A100-SXM4-40GB"};
inline constexpr std::array<Names, 3> k_a100_80{"NVIDIA-A100-80GB-PCIe", "NVIDIA-A100-PCIE-80GB",
                                                "NVIDIA-A100-SXM4-80GB"};
inline constexpr std::array<Names, 1> k_a16{"NVIDIA-A16"};
inline constexpr std::array<Names, 1> k_a2{"NVIDIA-A2"};
inline constexpr std::array<Names, 1> k_a30{"NVIDIA-A30"};
inline constexpr std::array<Names, 1> k_a40{"NVIDIA-A40"};
inline constexpr std::array<Names, 1> k_b200{"NVIDIA-B200"};
inline constexpr std::array<Names, 2> k_b300{"NVIDIA-B300", "NVIDIA-B300-SXM6-AC"};
inline constexpr std::array<Names, 1> k_gb200{"NVIDIA-GB200"};
inline constexpr std::array<Names, 1> k_gb300{"NVIDIA-GB300"};
inline constexpr std::array<Names, 2> k_gh200{"NVIDIA-GH200-144G-HBM3e", "NVIDIA-GH200-480GB"};
inline constexpr std::array<Names, 3> k_h100{"NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-NVL", "NVIDIA-H100-PCIe"};
inline constexpr std::array<Names, 2> k_h200{"NVIDIA-H200", "NVIDIA-H200-NVL"};
inline constexpr std::array<Names, 1> k_l4{"NVIDIA-L4"};
inline constexpr std::array<Names, 1> k_l40{"NVIDIA-L40"};
inline constexpr std::array<Names, 1> k_l40s{"NVIDIA-L40S"};
inline constexpr std::array<Names, 1> k_p4{"Tesla-P4"};
inline constexpr std::array<Names, 2> k_p100{"Tesla-P100-PCIE-16GB", "Tesla-P100-SXM2-16GB"};
inline constexpr std::array<Names, 1> k_rtx3090{"NVIDIA-GeForce-RTX-3090"};
inline constexpr std::array<Names, 1> k_rtx4090{"NVIDIA-GeForce-RTX-4090"};
inline constexpr std::array<Names, 1> k_rtx5090{"NVIDIA-GeForce-RTX-5090"};
inline constexpr std::array<Names, 1> k_rtx6000{"NVIDIA-RTX-6000-Ada-Generation"};
inline constexpr std::array<Names, 1> k_rtxa6000{"NVIDIA-RTX-A6000"};
inline constexpr std::array<Names, 1> k_rtxpro6000{"NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition"};
inline constexpr std::array<Names, 1> k_t4{"Tesla-T4"};
inline constexpr std::array<Names, 5> k_v100{"Tesla-V100-PCIE-16GB", "Tesla-V100-PCIE-32GB", "Tesla-V100-SXM2-16GB",
                                             "Tesla-V100-SXM2-32GB", "Tesla-V100-SXM3-32GB"};

inline constexpr std::array<Names, 2> k_gke_a100{"nvidia-a100-80gb", "nvidia-tesla-a100"};
inline constexpr std::array<Names, 1> k_gke_a100_40{"nvidia-tesla-a100"};
inline constexpr std::array<Names, 1> k_gke_a100_80{"nvidia-a100-80gb"};
inline constexpr std::array<Names, 1> k_gke_b200{"nvidia-b200"};
inline constexpr std::array<Names, 1> k_gke_gb200{"nvidia-gb200"};
inline constexpr std::array<Names, 2> k_gke_h100{"nvidia-h100-80gb", "nvidia-h100-mega-80gb"};
inline constexpr std::array<Names, 1> k_gke_h200{"nvidia-h200-141gb"};
inline constexpr std::array<Names, 1> k_gke_l4{"nvidia-l4"};
inline constexpr std::array<Names, 1> k_gke_p4{"nvidia-tesla-p4"};
inline constexpr std::array<Names, 1> k_gke_p100{"nvidia-tesla-p100"};
inline constexpr std::array<Names, 1> k_gke_rtxpro6000{"nvidia-rtx-pro-6000"};
inline constexpr std::array<Names, 1> k_gke_t4{"nvidia-tesla-t4"};
inline constexpr std::array<Names, 1> k_gke_v100{"nvidia-tesla-v100"};

inline constexpr std::array<Names, 1> k_ec2_a100{"a100"};
inline constexpr std::array<Names, 1> k_ec2_a10g{"a10g"};
inline constexpr std::array<Names, 1> k_ec2_b200{"b200"};
inline constexpr std::array<Names, 1> k_ec2_h100{"h100"};
inline constexpr std::array<Names, 1> k_ec2_h200{"h200"};
inline constexpr std::array<Names, 1> k_ec2_l4{"l4"};
inline constexpr std::array<Names, 1> k_ec2_l40s{"l40s"};
inline constexpr std::array<Names, 1> k_ec2_t4{"t4"};
inline constexpr std::array<Names, 1> k_ec2_v100{"v100"};

inline constexpr std::array<Names, 6> k_mig_40{"1g.5gb", "1g.5gb+me", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb"};
inline constexpr std::array<Names, 6> k_mig_80{"1g.10gb", "1g.10gb+me", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb"};
inline constexpr std::array<Names, 12> k_mig_a100{"1g.5gb",  "1g.5gb+me",  "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb",
                                                  "7g.40gb", "1g.10gb+me", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb"};
inline constexpr std::array<Names, 12> k_mig_h100{"1g.10gb", "1g.10gb+me", "1g.12gb", "1g.12gb+me",
                                                  "1g.20gb", "1g.24gb",    "2g.20gb", "2g.24gb",
                                                  "3g.40gb", "3g.47gb",    "4g.40gb", "4g.47gb"};
inline constexpr std::array<Names, 6> k_mig_h200{"1g.18gb", "1g.18gb+me", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb"};
inline constexpr std::array<Names, 6> k_mig_b200{"1g.23gb", "1g.23gb+me", "1g.45gb", "2g.45gb", "3g.90gb", "4g.90gb"};
inline constexpr std::array<Names, 6> k_mig_b300{"1g.34gb", "1g.34gb+me", "1g.67gb", "2g.67gb", "3g.135gb", "4g.135gb"};
inline constexpr std::array<Names, 8> k_mig_gh200{"1g.12gb", "1g.18gb", "2g.24gb", "2g.36gb",
                                                  "3g.48gb", "3g.72gb", "4g.48gb", "4g.72gb"};
inline constexpr std::array<Names, 4> k_mig_a30{"1g.6gb", "1g.6gb+me", "2g.12gb", "4g.24gb"};

constexpr GpuModel nvidia(Names name, Names title, int gigabytes, std::span<const Names> products,
                          std::span<const Names> accelerators = {}, std::span<const Names> instance_gpus = {},
                          std::span<const Names> slices = {}, Names instance_memory = {}) {
  return GpuModel{.name = name,
                  .title = title,
                  .vendor = "nvidia",
                  .resource = "nvidia.com/gpu",
                  .memory = Bytes(std::int64_t{gigabytes} * 1'000'000'000),
                  .products = products,
                  .accelerators = accelerators,
                  .instance_gpus = instance_gpus,
                  .instance_memory = instance_memory,
                  .slices = slices};
}

inline constexpr std::array k_models{
    nvidia("a10", "NVIDIA A10", 24, k_a10),
    nvidia("a100", "NVIDIA A100", 40, k_a100, k_gke_a100, k_ec2_a100, k_mig_a100),
    nvidia("a100-40gb", "NVIDIA A100 40 GB", 40, k_a100_40, k_gke_a100_40, k_ec2_a100, k_mig_40, "40960"),
    nvidia("a100-80gb", "NVIDIA A100 80 GB", 80, k_a100_80, k_gke_a100_80, k_ec2_a100, k_mig_80, "81920"),
    nvidia("a10g", "NVIDIA A10G", 24, k_a10g, {}, k_ec2_a10g),
    nvidia("a16", "NVIDIA A16", 16, k_a16),
    nvidia("a2", "NVIDIA A2", 16, k_a2),
    nvidia("a30", "NVIDIA A30", 24, k_a30, {}, {}, k_mig_a30),
    nvidia("a40", "NVIDIA A40", 48, k_a40),
    nvidia("b200", "NVIDIA B200", 180, k_b200, k_gke_b200, k_ec2_b200, k_mig_b200),
    nvidia("b300", "NVIDIA B300", 269, k_b300, {}, {}, k_mig_b300),
    nvidia("gb200", "NVIDIA GB200", 186, k_gb200, k_gke_gb200),
    nvidia("gb300", "NVIDIA GB300", 278, k_gb300),
    nvidia("gh200", "NVIDIA GH200", 96, k_gh200, {}, {}, k_mig_gh200),
    nvidia("h100", "NVIDIA H100", 80, k_h100, k_gke_h100, k_ec2_h100, k_mig_h100),
    nvidia("h200", "NVIDIA H200", 141, k_h200, k_gke_h200, k_ec2_h200, k_mig_h200),
    nvidia("l4", "NVIDIA L4", 24, k_l4, k_gke_l4, k_ec2_l4),
    nvidia("l40", "NVIDIA L40", 48, k_l40),
    nvidia("l40s", "NVIDIA L40S", 48, k_l40s, {}, k_ec2_l40s),
    nvidia("p100", "NVIDIA P100", 16, k_p100, k_gke_p100),
    nvidia("p4", "NVIDIA P4", 8, k_p4, k_gke_p4),
    nvidia("rtx-3090", "NVIDIA GeForce RTX 3090", 24, k_rtx3090),
    nvidia("rtx-4090", "NVIDIA GeForce RTX 4090", 24, k_rtx4090),
    nvidia("rtx-5090", "NVIDIA GeForce RTX 5090", 32, k_rtx5090),
    nvidia("rtx-6000-ada", "NVIDIA RTX 6000 Ada", 48, k_rtx6000),
    nvidia("rtx-a6000", "NVIDIA RTX A6000", 48, k_rtxa6000),
    nvidia("rtx-pro-6000", "NVIDIA RTX PRO 6000", 96, k_rtxpro6000, k_gke_rtxpro6000),
    nvidia("t4", "NVIDIA T4", 16, k_t4, k_gke_t4, k_ec2_t4),
    nvidia("v100", "NVIDIA V100", 16, k_v100, k_gke_v100, k_ec2_v100),
};

}  // namespace mlk::inline v0::placement::data
