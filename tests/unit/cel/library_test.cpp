#include "cel_expressions.hpp"

#include <utility>

// Kubernetes' libraries, by the examples of its documentation ("Common Expression Language in Kubernetes").

namespace {

using Expected = std::vector<std::pair<const char*, const char*>>;

void check(Self& self, const Expected& expected) {
  for (const auto& [expression, result] : expected) {
    INFO(expression);
    CHECK(self.eval(expression) == result);
  }
}

}  // namespace

TEST_CASE("cel libraries: lists", "[cel][library]") {
  Self self("{names: [a, b, c, d], nums: [1, 3, 5]}");
  check(self, {
                  {"self.names.isSorted()", "true"},
                  {"[2, 1].isSorted()", "false"},
                  {"[].isSorted()", "true"},
                  {"self.nums.sum() == 9", "true"},
                  {"[duration('1m'), duration('1s')].sum()", "duration(\"61s\")"},
                  {"[].sum()", "0"},
                  {"self.nums.min() == 1 && self.nums.max() == 5", "true"},
                  {"[].max()", "fails: max called on empty list"},
                  {"self.names.indexOf('b')", "1"},
                  {"[1, 2, 1].lastIndexOf(1)", "2"},
                  {"self.names.indexOf('z')", "-1"},
                  {"[1, 2, 3, 4].slice(1, 3)", "[2, 3]"},
                  {"[1].slice(0, 2)", "fails: cannot slice(0, 2), list is length 1"},
                  {"[[1, 2], [3]].flatten()", "[1, 2, 3]"},
                  {"[3, 1, 2].sort()", "[1, 2, 3]"},
                  {"[1, 2, 2, 1].distinct()", "[1, 2]"},
                  {"self.nums.reverse()", "[5, 3, 1]"},
                  {"lists.range(3)", "[0, 1, 2]"},
                  {"self.nums.first().value() + self.nums.last().value()", "6"},
                  {"sets.contains([1, 2], [2.0])",
                   "refused: found no matching overload for 'sets.contains' applied "
                   "to '(list(int), list(double))'"},
                  {"sets.contains([1, 2, 3], [2, 3])", "true"},
                  {"sets.equivalent([1, 2], [2, 1, 1])", "true"},
                  {"sets.intersects([1], [])", "false"},
              });
}

TEST_CASE("cel libraries: strings", "[cel][library]") {
  Self self;
  check(self,
        {
            {"'tacocat'.charAt(3)", "\"o\""},
            {"'\xC3\xA9t\xC3\xA9'.charAt(2)", "\"\xC3\xA9\""},
            {"'\xC3\xA9t\xC3\xA9'.size()", "3"},
            {"'hello mellow'.indexOf('ello', 2)", "7"},
            {"'hello mellow'.lastIndexOf('ello', 6)", "1"},
            {"['hello', 'mellow'].join(' ')", "\"hello mellow\""},
            {"'TacoCat'.lowerAscii() + 'a\xC3\xA9'.upperAscii()", "\"tacocatA\xC3\xA9\""},
            {"'hello hello'.replace('he', 'we', 1)", "\"wello hello\""},
            {"'hello'.replace('', '-')", "\"-h-e-l-l-o-\""},
            {"'hello hello hello'.split(' ', 2)", R"(["hello", "hello hello"])"},
            {"''.split(',')", R"([""])"},
            {"'abc'.split('')", R"(["a", "b", "c"])"},
            {"'tacocat'.substring(4)", "\"cat\""},
            {"'tacocat'.substring(0, 4)", "\"taco\""},
            {"'  \\u00a0a \\n'.trim()", "\"a\""},
            {"strings.quote('a\"b\\n')", R"("\"a\\\"b\\n\"")"},
            {"'%s has %d of %.2f %x %b %o'.format(['a', 3, 1234.567, 255, 5, 8])", "\"a has 3 of 1,234.57 ff 101 10\""},
            {"'%s'.format([[1, 2]]) + '%s'.format([{'b': 1, 'a': true}])", R"("[1, 2]{\"a\":true, \"b\":1}")"},
            {"'100%%'.format([])", "\"100%\""},
            {"'abc 123'.find('[0-9]+')", "\"123\""},
            {"'123 abc 456'.findAll('[0-9]+')", R"(["123", "456"])"},
            {"'123 abc 456'.findAll('[0-9]+', 1)", R"(["123"])"},
            {"'abc'.matches('b') && !'abc'.matches('^b')", "true"},
            {"'abc'.find('(')", "fails: Illegal regex: missing ): ("},
        });
}

TEST_CASE("cel libraries: URLs", "[cel][library]") {
  Self self;
  check(self,
        {
            {"isURL('https://user:pass@example.com:80/path?query=val#fragment')", "true"},
            {"isURL('/absolute-path')", "true"},
            {"isURL('https://a:b:c/')", "false"},
            {"isURL('../relative-path')", "false"},
            {"isURL('http://%zz/')", "false"},
            {"url('HTTPS://example.com/').getScheme()", "\"https\""},
            {"url('https://example.com:80/').getHost()", "\"example.com:80\""},
            {"url('https://[::1]:80/').getHostname() + url('https://[::1]:80/').getPort()", "\"::180\""},
            {"url('https://example.com/path with spaces/').getEscapedPath()", "\"/path%20with%20spaces/\""},
            {"url('https://example.com/path?k1=a&k2=b&k2=c+d').getQuery()", R"({"k1": ["a"], "k2": ["b", "c d"]})"},
            {"url('/path').getHost()", "\"\""},
            {"url('https://a/b') == url('https://a/b')", "true"},
        });
}

TEST_CASE("cel libraries: addresses and networks", "[cel][library]") {
  Self self;
  check(self,
        {
            {"isIP('127.0.0.1') && isIP('2001:db8::abcd')", "true"},
            {"isIP('127.0.0.256') || isIP('01.2.3.4') || isIP('::ffff:1.2.3.4') || isIP('fe80::1%eth0')", "false"},
            {"ip.isCanonical('2001:DB8::ABCD')", "false"},
            {"ip('2001:db8:0:0::1').family()", "6"},
            {"string(ip('2001:db8:0:0:0:0:0:1')) + string(ip('0:0::1:0:0'))", "\"2001:db8::1::1:0:0\""},
            {"ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()", "true"},
            {"ip('127.0.0.1').isLoopback() && ip('::1').isLoopback()", "true"},
            {"ip('224.0.0.1').isLinkLocalMulticast() && ip('fe80::1').isLinkLocalUnicast()", "true"},
            {"ip('192.168.0.1').isGlobalUnicast()", "true"},
            {"ip('255.255.255.255').isGlobalUnicast()", "false"},
            {"isCIDR('192.168.0.0/16') && !isCIDR('192.168.0.0/33')", "true"},
            {"cidr('192.168.0.0/24').containsIP('192.168.0.1')", "true"},
            {"cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))", "false"},
            {"cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24')", "true"},
            {"cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')", "true"},
            {"cidr('192.168.0.1/24').ip() == ip('192.168.0.1')", "true"},
            {"cidr('::1/128').prefixLength()", "128"},
            {"string(cidr('10.0.0.0/8'))", "\"10.0.0.0/8\""},
        });
}

TEST_CASE("cel libraries: quantities and versions", "[cel][library]") {
  Self self;
  check(self, {
                  {"isQuantity('1.3Gi') && !isQuantity('1.3GB')", "true"},
                  {"quantity('50M').isInteger() && !quantity('1500m').isInteger()", "true"},
                  {"quantity('50000000G').asInteger()", "50000000000000000"},
                  {"quantity('9999999999999999999999999999999999999G').asInteger()",
                   "fails: cannot convert value to integer"},
                  {"quantity('200M').compareTo(quantity('0.2G'))", "0"},
                  {"quantity('150Mi').isGreaterThan(quantity('100Mi'))", "true"},
                  {"quantity('50M').isLessThan(quantity('50Mi'))", "true"},
                  {"quantity('50k').add(20) == quantity('50020')", "true"},
                  {"quantity('50k').sub(quantity('0.05M')) == quantity('0')", "true"},
                  {"sign(quantity('-3'))", "-1"},
                  {"quantity('1.5').asApproximateFloat()", "1.5"},
                  {"quantity('1e3') == quantity('1k')", "true"},
                  {"quantity('1.1n').isGreaterThan(quantity('1n'))", "true"},
                  {"isSemver('1.0.0') && !isSemver('v1.0')", "true"},
                  {"isSemver('v1.0', true)", "true"},
                  {"semver('1.2.3').isLessThan(semver('1.10.0'))", "true"},
                  {"semver('1.2.3-rc.1').compareTo(semver('1.2.3'))", "-1"},
                  {"semver('v01.2', true).minor()", "2"},
                  {"quantity('x').isInteger()",
                   "fails: quantities must match the regular expression "
                   "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
              });
}

TEST_CASE("cel libraries: formats", "[cel][library]") {
  Self self;
  check(self, {
                  {"format.dns1123Label().validate('my-label-1').hasValue()", "false"},
                  {"format.dns1123Label().validate('Contains_Upper').hasValue()", "true"},
                  {"format.dns1123LabelPrefix().validate('my-').hasValue()", "false"},
                  {"format.dns1123Subdomain().validate('a.b-c.d').hasValue()", "false"},
                  {"format.dns1035Label().validate('1a').hasValue()", "true"},
                  {"format.qualifiedName().validate('a.b/c_d').hasValue()", "false"},
                  {"format.labelValue().validate('').hasValue()", "false"},
                  {"format.uri().validate('http://a/b').hasValue()", "false"},
                  {"format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()", "false"},
                  {"format.byte().validate('aGVsbG8=').hasValue()", "false"},
                  {"format.date().validate('2021-02-29').hasValue()", "true"},
                  {"format.datetime().validate('2021-01-01T00:00:00Z').hasValue()", "false"},
                  {"format.named('dns1123Label').hasValue() && !format.named('nothing').hasValue()", "true"},
                  {"format.named('uuid').value().validate('x').value()[0]", "\"does not match the UUID format\""},
              });
}

TEST_CASE("cel libraries: times and zones", "[cel][library]") {
  Self self;
  check(self,
        {
            {"timestamp('2023-07-14T10:30:45.123Z').getMilliseconds()", "123"},
            {"timestamp('2023-07-14T10:30:45Z').getDayOfWeek()", "5"},
            {"timestamp('2023-01-01T05:30:00Z').getFullYear('-08:00')", "2022"},
            {"timestamp('2023-07-14T10:30:45Z').getHours('America/Los_Angeles')", "3"},
            {"timestamp('2023-12-14T10:30:45Z').getHours('America/Los_Angeles')", "2"},
            {"timestamp('2090-07-14T10:30:45Z').getHours('Europe/Berlin')", "12"},
            {"timestamp('2090-12-14T10:30:45Z').getHours('Europe/Berlin')", "11"},
            {"timestamp('2023-07-14T10:30:45Z').getHours('Nowhere/At_All')", "fails: unknown time zone Nowhere/At_All"},
            {"timestamp('2023-07-14T10:30:45Z').getHours('../../etc/passwd')",
             "fails: unknown time zone ../../etc/passwd"},
            {"duration('1h30m').getMinutes()", "90"},
            {"string(duration('1h1.5s'))", "\"3601.5s\""},
            {"timestamp('2024-02-29T00:00:00Z') - timestamp('2023-02-28T00:00:00Z') == duration('8784h')", "true"},
            {"string(timestamp('2023-07-14T10:30:45+02:00'))", "\"2023-07-14T10:30:45+02:00\""},
            {"timestamp(0) == timestamp('1970-01-01T00:00:00Z')", "true"},
        });
}
