#pragma once

#include <mlk/cel/program.hpp>
#include <mlk/cel/schema.hpp>
#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

/// An expression in an environment of one variable, self; what it gives, fails with, or is refused for, as text.
class Self {
 public:
  Self() { m_environment.declare("self", mlk::cel::Type::dyn()); }
  explicit Self(std::string_view yaml) : Self() { m_self = read(yaml); }
  /// self is of the type that a structural schema describes.
  Self(std::string_view schema, std::string_view yaml) : m_self(read(yaml)) {
    const auto type = mlk::cel::schema_type(read(schema), false, "self");
    REQUIRE(type);
    m_environment.declare("self", *type);
    m_environment.declare("oldSelf", *type);
  }

  mlk::cel::Environment& environment() { return m_environment; }

  std::string eval(std::string_view expression) {
    const auto compiled = mlk::cel::compile(m_environment, expression);
    if (!compiled.program) return "refused: " + compiled.issues.front().message;
    mlk::cel::Bindings bindings(m_environment);
    bindings.set("self", m_self);
    const auto value = m_evaluator.evaluate(*compiled.program, bindings);
    return value ? to_string(*value) : "fails: " + value.error().what;
  }
  std::uint64_t cost_of(std::string_view expression) {
    eval(expression);
    return m_evaluator.cost();
  }
  std::vector<std::string> mistakes(std::string_view expression) {
    std::vector<std::string> out;
    for (const auto& issue : mlk::cel::compile(m_environment, expression).issues) {
      out.push_back(std::to_string(issue.line) + ":" + std::to_string(issue.column) + " " + issue.message);
    }
    return out;
  }
  mlk::cel::Evaluator& evaluator() { return m_evaluator; }

  static mlk::document::Node read(std::string_view yaml) {
    auto node = mlk::document::read_yaml_one(yaml, "self.yaml", mlk::document::Schema::kubernetes);
    REQUIRE(node);
    return *std::move(node);
  }

 private:
  mlk::cel::Environment m_environment;
  mlk::document::Node m_self;
  mlk::cel::Evaluator m_evaluator;
};
