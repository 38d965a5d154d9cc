#include "functions.hpp"
#include "network.hpp"
#include "quantity.hpp"
#include "semver.hpp"
#include "url.hpp"

#include <array>

namespace mlk::inline v0::cel {
namespace {

using Args = std::span<const Cell>;

// URLs

Cell url(Run& run, Args args) {
  std::string why;
  const auto parsed = parse_url(args[0].view(), why);
  return parsed ? run.object(CellKind::url, *parsed) : run.error(why);
}

Cell is_url(Run&, Args args) {
  std::string why;
  return cell(parse_url(args[0].view(), why).has_value());
}

template <std::string (*part)(const Url&)>
Cell url_part(Run& run, Args args) {
  return run.string(part(args[0].as<Url>()));
}

Cell query(Run& run, Args args) {
  MapBuilder map(run);
  for (const auto& [key, values] : url_query(args[0].as<Url>())) {
    ListBuilder list(run);
    for (const auto& value : values) list.add(run.string(value));
    map.add(run.string(key), list.finish());
  }
  return run.is_stopped() ? run.stopped_cell() : map.finish();
}

constexpr std::array k_urls = {
    Declaration{"url", "string_to_url", false, "string", "url", url},
    Declaration{"isURL", "is_url_string", false, "string", "bool", is_url},
    Declaration{"getScheme", "url_get_scheme", true, "url", "string", url_part<url_scheme>},
    Declaration{"getHost", "url_get_host", true, "url", "string", url_part<url_host>},
    Declaration{"getHostname", "url_get_hostname", true, "url", "string", url_part<url_hostname>},
    Declaration{"getPort", "url_get_port", true, "url", "string", url_part<url_port>},
    Declaration{"getEscapedPath", "url_get_escaped_path", true, "url", "string", url_part<url_escaped_path>},
    Declaration{"getQuery", "url_get_query", true, "url", "map(string, list(string))", query},
};

// IP addresses and CIDRs

Cell ip(Run& run, Args args) {
  std::string why;
  const auto parsed = parse_ip(args[0].view(), why);
  return parsed ? run.object(CellKind::ip, *parsed) : run.error(why);
}

Cell is_ip(Run&, Args args) {
  std::string why;
  return cell(parse_ip(args[0].view(), why).has_value());
}

Cell ip_is_canonical(Run& run, Args args) {
  std::string why;
  const auto parsed = parse_ip(args[0].view(), why);
  return parsed ? cell(to_string(*parsed) == args[0].view()) : run.error(why);
}

Cell family(Run&, Args args) { return cell(std::int64_t{args[0].as<Ip>().is_v6 ? 6 : 4}); }

template <bool (*holds)(const Ip&)>
Cell ip_test(Run&, Args args) {
  return cell(holds(args[0].as<Ip>()));
}

Cell cidr(Run& run, Args args) {
  std::string why;
  const auto parsed = parse_cidr(args[0].view(), why);
  return parsed ? run.object(CellKind::cidr, *parsed) : run.error(why);
}

Cell is_cidr(Run&, Args args) {
  std::string why;
  return cell(parse_cidr(args[0].view(), why).has_value());
}

Cell contains_ip(Run& run, Args args) {
  const auto other = args[1].is(CellKind::string) ? ip(run, args.subspan(1)) : args[1];
  return other.is_failure() ? other : cell(contains(args[0].as<Cidr>(), other.as<Ip>()));
}

Cell contains_cidr(Run& run, Args args) {
  const auto other = args[1].is(CellKind::string) ? cidr(run, args.subspan(1)) : args[1];
  if (other.is_failure()) return other;
  const auto& outer = args[0].as<Cidr>();
  const auto& inner = other.as<Cidr>();
  return cell(outer.bits <= inner.bits && contains(outer, inner.ip));
}

Cell cidr_ip(Run& run, Args args) { return run.object(CellKind::ip, args[0].as<Cidr>().ip); }
Cell prefix_length(Run&, Args args) { return cell(std::int64_t{args[0].as<Cidr>().bits}); }
Cell cidr_masked(Run& run, Args args) { return run.object(CellKind::cidr, masked(args[0].as<Cidr>())); }

constexpr std::array k_network = {
    Declaration{"ip", "string_to_ip", false, "string", "ip", ip},
    Declaration{"isIP", "is_ip", false, "string", "bool", is_ip},
    Declaration{"ip.isCanonical", "ip_is_canonical", false, "string", "bool", ip_is_canonical},
    Declaration{"family", "ip_family", true, "ip", "int", family},
    Declaration{"isUnspecified", "ip_is_unspecified", true, "ip", "bool", ip_test<is_unspecified>},
    Declaration{"isLoopback", "ip_is_loopback", true, "ip", "bool", ip_test<is_loopback>},
    Declaration{"isLinkLocalMulticast", "ip_is_link_local_multicast", true, "ip", "bool",
                ip_test<is_link_local_multicast>},
    Declaration{"isLinkLocalUnicast", "ip_is_link_local_unicast", true, "ip", "bool", ip_test<is_link_local_unicast>},
    Declaration{"isGlobalUnicast", "ip_is_global_unicast", true, "ip", "bool", ip_test<is_global_unicast>},
    Declaration{"cidr", "string_to_cidr", false, "string", "cidr", cidr},
    Declaration{"isCIDR", "is_cidr", false, "string", "bool", is_cidr},
    Declaration{"containsIP", "cidr_contains_ip_string", true, "cidr, string", "bool", contains_ip},
    Declaration{"containsIP", "cidr_contains_ip_ip", true, "cidr, ip", "bool", contains_ip},
    Declaration{"containsCIDR", "cidr_contains_cidr_string", true, "cidr, string", "bool", contains_cidr},
    Declaration{"containsCIDR", "cidr_contains_cidr", true, "cidr, cidr", "bool", contains_cidr},
    Declaration{"ip", "cidr_ip", true, "cidr", "ip", cidr_ip},
    Declaration{"prefixLength", "cidr_prefix_length", true, "cidr", "int", prefix_length},
    Declaration{"masked", "cidr_masked", true, "cidr", "cidr", cidr_masked},
};

// Quantities

Cell quantity(Run& run, Args args) {
  const auto parsed = parse_quantity_text(args[0].view());
  if (!parsed) {
    return error_cell("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  return run.object(CellKind::quantity, *parsed);
}

Cell is_quantity(Run&, Args args) { return cell(parse_quantity_text(args[0].view()).has_value()); }

template <int wanted>
Cell quantity_order(Run&, Args args) {
  return cell(compare(args[0].as<Quantity>(), args[1].as<Quantity>()) == wanted);
}

Cell quantity_compare(Run&, Args args) {
  return cell(std::int64_t{compare(args[0].as<Quantity>(), args[1].as<Quantity>())});
}

Cell quantity_sign(Run&, Args args) { return cell(std::int64_t{compare(args[0].as<Quantity>(), Quantity())}); }
Cell as_float(Run&, Args args) { return cell(as_float(args[0].as<Quantity>())); }
Cell is_integer(Run&, Args args) { return cell(as_integer(args[0].as<Quantity>()).has_value()); }

Cell as_integer(Run&, Args args) {
  const auto value = as_integer(args[0].as<Quantity>());
  return value ? cell(*value) : error_cell("cannot convert value to integer");
}

Quantity quantity_argument(const Cell& arg) {
  return arg.is(CellKind::integer) ? quantity_of(arg.integer) : arg.as<Quantity>();
}

Cell quantity_add(Run& run, Args args) {
  return run.object(CellKind::quantity, add(args[0].as<Quantity>(), quantity_argument(args[1])));
}

Cell quantity_sub(Run& run, Args args) {
  return run.object(CellKind::quantity, add(args[0].as<Quantity>(), negate(quantity_argument(args[1]))));
}

constexpr std::array k_quantities = {
    Declaration{"quantity", "string_to_quantity", false, "string", "quantity", quantity},
    Declaration{"isQuantity", "is_quantity_string", false, "string", "bool", is_quantity},
    Declaration{"sign", "quantity_sign", false, "quantity", "int", quantity_sign},
    Declaration{"isGreaterThan", "quantity_is_greater_than", true, "quantity, quantity", "bool", quantity_order<1>},
    Declaration{"isLessThan", "quantity_is_less_than", true, "quantity, quantity", "bool", quantity_order<-1>},
    Declaration{"compareTo", "quantity_compare_to", true, "quantity, quantity", "int", quantity_compare},
    Declaration{"asApproximateFloat", "quantity_get_float", true, "quantity", "double", as_float},
    Declaration{"asInteger", "quantity_get_int", true, "quantity", "int", as_integer},
    Declaration{"isInteger", "quantity_is_integer", true, "quantity", "bool", is_integer},
    Declaration{"add", "quantity_add", true, "quantity, quantity", "quantity", quantity_add},
    Declaration{"add", "quantity_add_int", true, "quantity, int", "quantity", quantity_add},
    Declaration{"sub", "quantity_sub", true, "quantity, quantity", "quantity", quantity_sub},
    Declaration{"sub", "quantity_sub_int", true, "quantity, int", "quantity", quantity_sub},
};

// Semantic versions

/// The text to parse, normalised into the arena where that is asked for.
std::optional<Semver> read_semver(Run& run, Args args) {
  if (args.size() == 1 || !args[1].boolean) return parse_semver(args[0].view());
  const auto text = normalize_semver(args[0].view());
  return text ? parse_semver(run.string(*text).view()) : std::nullopt;
}

Cell semver(Run& run, Args args) {
  const auto parsed = read_semver(run, args);
  if (!parsed) return run.error("invalid semantic version '" + std::string(args[0].view()) + "'");
  return run.object(CellKind::semver, *parsed);
}

Cell is_semver(Run& run, Args args) { return cell(read_semver(run, args).has_value()); }

template <int wanted>
Cell semver_order(Run&, Args args) {
  return cell(compare(args[0].as<Semver>(), args[1].as<Semver>()) == wanted);
}

Cell semver_compare(Run&, Args args) { return cell(std::int64_t{compare(args[0].as<Semver>(), args[1].as<Semver>())}); }

template <std::uint64_t Semver::*part>
Cell semver_part(Run&, Args args) {
  return cell(static_cast<std::int64_t>(args[0].as<Semver>().*part));
}

constexpr std::array k_semvers = {
    Declaration{"semver", "string_to_semver", false, "string", "semver", semver},
    Declaration{"semver", "string_bool_to_semver", false, "string, bool", "semver", semver},
    Declaration{"isSemver", "is_semver_string", false, "string", "bool", is_semver},
    Declaration{"isSemver", "is_semver_string_bool", false, "string, bool", "bool", is_semver},
    Declaration{"isGreaterThan", "semver_is_greater_than", true, "semver, semver", "bool", semver_order<1>},
    Declaration{"isLessThan", "semver_is_less_than", true, "semver, semver", "bool", semver_order<-1>},
    Declaration{"compareTo", "semver_compare_to", true, "semver, semver", "int", semver_compare},
    Declaration{"major", "semver_major", true, "semver", "int", semver_part<&Semver::major>},
    Declaration{"minor", "semver_minor", true, "semver", "int", semver_part<&Semver::minor>},
    Declaration{"patch", "semver_patch", true, "semver", "int", semver_part<&Semver::patch>},
};

}  // namespace

std::span<const Declaration> url_functions() { return k_urls; }
std::span<const Declaration> network_functions() { return k_network; }
std::span<const Declaration> quantity_functions() { return k_quantities; }
std::span<const Declaration> semver_functions() { return k_semvers; }

}  // namespace mlk::inline v0::cel
