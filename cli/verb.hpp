#pragma once

#include "cli/flags.hpp"
#include "cli/report.hpp"

#include <mlk/core/result.hpp>

#include <memory>

namespace mlk::commands {
class Context;
}

namespace mlk::cli {

/// A chosen verb with its options: made by Verb::prepare, filled by parsing, then run.
class Prepared {
 public:
  virtual ~Prepared() = default;
  virtual Result<Report> run(commands::Context& context) const = 0;
};

/// What the registry knows of a verb: how to declare its flags. Nothing is built before the verb is chosen.
struct Verb {
  std::unique_ptr<Prepared> (*prepare)(Flags& flags);
};

template <class Options, void (*add)(Flags&, Options&), Result<Report> (*run_verb)(commands::Context&, const Options&)>
class PreparedVerb final : public Prepared {
 public:
  static std::unique_ptr<Prepared> make(Flags& flags) {
    auto made = std::make_unique<PreparedVerb>();
    add(flags, made->m_options);
    return made;
  }
  Result<Report> run(commands::Context& context) const override { return run_verb(context, m_options); }

 private:
  Options m_options;
};

}  // namespace mlk::cli

/// MLK_VERB(train_submit, SubmitOptions, add_submit, run_submit): exports the descriptor that cli/verbs.def names.
/// Stands in namespace mlk::commands, outside the file's unnamed namespace.
#define MLK_VERB(symbol, options, add, run)                                              \
  namespace verbs {                                                                      \
  extern const ::mlk::cli::Verb symbol;                                                  \
  constexpr ::mlk::cli::Verb symbol{&::mlk::cli::PreparedVerb<options, add, run>::make}; \
  }                                                                                      \
  static_assert(true)
