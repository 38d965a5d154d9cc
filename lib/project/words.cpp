#include "words.hpp"

#include <array>

namespace mlk::project {

namespace {

constexpr std::array<Word<JobBackend>, 11> k_job_backends = {{{JobBackend::automatic, "auto"},
                                                              {JobBackend::job, "job"},
                                                              {JobBackend::jobset, "jobset"},
                                                              {JobBackend::pytorchjob, "pytorchjob"},
                                                              {JobBackend::tfjob, "tfjob"},
                                                              {JobBackend::xgboostjob, "xgboostjob"},
                                                              {JobBackend::jaxjob, "jaxjob"},
                                                              {JobBackend::mpijob, "mpijob"},
                                                              {JobBackend::trainjob, "trainjob"},
                                                              {JobBackend::rayjob, "rayjob"},
                                                              {JobBackend::volcano, "volcano"}}};
constexpr std::array<Word<EngineName>, 7> k_engines = {{{EngineName::vllm, "vllm"},
                                                        {EngineName::triton, "triton"},
                                                        {EngineName::sglang, "sglang"},
                                                        {EngineName::llama_cpp, "llama.cpp"},
                                                        {EngineName::mlserver, "mlserver"},
                                                        {EngineName::tgi, "tgi"},
                                                        {EngineName::custom, "custom"}}};
constexpr std::array<Word<Delivery>, 6> k_deliveries = {{{Delivery::automatic, "auto"},
                                                         {Delivery::image_volume, "image-volume"},
                                                         {Delivery::engine_layer, "engine-layer"},
                                                         {Delivery::modelcar, "modelcar"},
                                                         {Delivery::init, "init"},
                                                         {Delivery::pvc, "pvc"}}};
constexpr std::array<Word<ServiceBackend>, 6> k_service_backends = {{{ServiceBackend::automatic, "auto"},
                                                                     {ServiceBackend::deployment, "deployment"},
                                                                     {ServiceBackend::kserve, "kserve"},
                                                                     {ServiceBackend::kserve_llm, "kserve-llm"},
                                                                     {ServiceBackend::rayservice, "rayservice"},
                                                                     {ServiceBackend::lws, "lws"}}};
constexpr std::array<Word<ScaleMeasure>, 4> k_scale_measures = {{{ScaleMeasure::queue, "queue"},
                                                                 {ScaleMeasure::cpu, "cpu"},
                                                                 {ScaleMeasure::memory, "memory"},
                                                                 {ScaleMeasure::gpu, "gpu"}}};
constexpr std::array<Word<Rewrite>, 2> k_rewrites = {{{Rewrite::keep, "keep"}, {Rewrite::strip, "strip"}}};
constexpr std::array<Word<Strategy>, 3> k_strategies = {
    {{Strategy::rolling, "rolling"}, {Strategy::canary, "canary"}, {Strategy::blue_green, "blue-green"}}};
constexpr std::array<Word<Driver>, 3> k_drivers = {
    {{Driver::client, "client"}, {Driver::job, "job"}, {Driver::argo_rollouts, "argo-rollouts"}}};
constexpr std::array<Word<OnFailure>, 2> k_actions = {{{OnFailure::undo, "undo"}, {OnFailure::pause, "pause"}}};
constexpr std::array<Word<GpuSharing>, 3> k_sharing = {
    {{GpuSharing::none, "none"}, {GpuSharing::time_slice, "time-slice"}, {GpuSharing::mps, "mps"}}};

}  // namespace

std::span<const Word<JobBackend>> words_of(JobBackend) noexcept { return k_job_backends; }
std::span<const Word<EngineName>> words_of(EngineName) noexcept { return k_engines; }
std::span<const Word<Delivery>> words_of(Delivery) noexcept { return k_deliveries; }
std::span<const Word<ServiceBackend>> words_of(ServiceBackend) noexcept { return k_service_backends; }
std::span<const Word<ScaleMeasure>> words_of(ScaleMeasure) noexcept { return k_scale_measures; }
std::span<const Word<Rewrite>> words_of(Rewrite) noexcept { return k_rewrites; }
std::span<const Word<Strategy>> words_of(Strategy) noexcept { return k_strategies; }
std::span<const Word<Driver>> words_of(Driver) noexcept { return k_drivers; }
std::span<const Word<OnFailure>> words_of(OnFailure) noexcept { return k_actions; }
std::span<const Word<GpuSharing>> words_of(GpuSharing) noexcept { return k_sharing; }

std::string_view to_string(JobBackend backend) noexcept { return word_for(backend); }
std::string_view to_string(EngineName name) noexcept { return word_for(name); }
std::string_view to_string(Delivery delivery) noexcept { return word_for(delivery); }
std::string_view to_string(ServiceBackend backend) noexcept { return word_for(backend); }
std::string_view to_string(ScaleMeasure measure) noexcept { return word_for(measure); }
std::string_view to_string(Strategy strategy) noexcept { return word_for(strategy); }
std::string_view to_string(Driver driver) noexcept { return word_for(driver); }
std::string_view to_string(OnFailure action) noexcept { return word_for(action); }

}  // namespace mlk::project
