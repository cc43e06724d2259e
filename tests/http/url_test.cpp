// tests/http/url_test.cpp: URLs taken apart, refused, normalised, resolved.
#include "torus/http/url.hpp"

#include "torus/http/limits.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

TEST(a_url, has_parts) {
    const url u("https://user:pa%3Ass@example.com:8443/a/b?c=d&e#f");
    EXPECT_EQ(u.scheme(), "https");
    EXPECT_EQ(u.user_info(), "user:pa%3Ass");
    EXPECT_EQ(u.user(), "user");
    EXPECT_EQ(u.password(), "pa:ss");
    EXPECT_EQ(u.host(), "example.com");
    EXPECT_EQ(u.kind(), host_kind::name);
    EXPECT_EQ(u.port(), 8443);
    EXPECT_EQ(u.path(), "/a/b");
    EXPECT_EQ(u.query(), "c=d&e");
    EXPECT_EQ(u.fragment(), "f");
    EXPECT_EQ(u.to_string(), "https://user:pa%3Ass@example.com:8443/a/b?c=d&e#f");
    EXPECT_EQ(u.target(), "/a/b?c=d&e");
    EXPECT_EQ(u.authority(), "example.com:8443");
    EXPECT_EQ(u.origin(), "https://example.com:8443");
    EXPECT_TRUE(u.is_secure());
}

TEST(a_url, may_do_without_most_parts) {
    const url u("http://h");
    EXPECT_FALSE(u.user_info());
    EXPECT_EQ(u.user(), "");
    EXPECT_EQ(u.password(), "");
    EXPECT_EQ(u.port(), 80);
    EXPECT_EQ(u.path(), "/");
    EXPECT_FALSE(u.query());
    EXPECT_FALSE(u.fragment());
    EXPECT_EQ(u.authority(), "h");
    EXPECT_EQ(u.target(), "/");
    EXPECT_EQ(u.to_string(), "http://h/");
    EXPECT_FALSE(u.is_secure());
}

TEST(a_url, tells_an_empty_query_from_none) {
    EXPECT_EQ(url("http://h/?").query(), "");
    EXPECT_EQ(url("http://h/#").fragment(), "");
    EXPECT_EQ(url("http://h/?#").to_string(), "http://h/?#");
    EXPECT_EQ(url("http://h/?#").target(), "/?");
}

const std::vector<std::pair<std::string, std::string>> normal_forms = {
    {"HTTP://Example.COM", "http://example.com/"},
    {"http://h:80/", "http://h/"},
    {"https://h:443/", "https://h/"},
    {"http://h:443/", "http://h:443/"},
    {"http://h:/", "http://h/"},
    {"http://h:0080/", "http://h/"},
    {"ws://h:80/", "ws://h/"},
    {"http://h?q", "http://h/?q"},
    {"http://h#f", "http://h/#f"},
    {"http://h/a/./b/../c", "http://h/a/c"},
    {"http://h/..", "http://h/"},
    {"http://h/a/..", "http://h/"},
    {"http://h/a/%2e%2E/b/.%2e/%2e/c", "http://h/c"},
    {"http://h/.../a", "http://h/.../a"},
    {"http://h/a//b", "http://h/a//b"},
    {"http://h/a b?c d#e f", "http://h/a%20b?c%20d#e%20f"},
    {"http://h/\xc3\xa4?\xc3\xa4", "http://h/%C3%A4?%C3%A4"},
    {"http://h/a%20b%zz%", "http://h/a%20b%zz%"},
    {"http://h/a\\b", "http://h/a%5Cb"},
    {"http://h/\"<>^`{|}", "http://h/%22%3C%3E%5E%60%7B%7C%7D"},
    {"http://h/[a]?[b]", "http://h/[a]?[b]"},
    {"http://h/?a?b/c", "http://h/?a?b/c"},
    {"http://h/a@b:c", "http://h/a@b:c"},
    {"http://h./", "http://h./"},
    {"http://[::1]:8080/", "http://[::1]:8080/"},
    {"http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"},
    {"http://[2001:DB8::0:1]/", "http://[2001:db8::1]/"},
    {"http://[::ffff:1.2.3.4]/", "http://[::ffff:1.2.3.4]/"},
    {"http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/"},
    {"http://a_b-c.d/", "http://a_b-c.d/"},
    {"http://u@h/", "http://u@h/"},
    {"http://@h/", "http://@h/"},
    {"http://:p@h/", "http://:p@h/"},
};

TEST(a_url, is_normalised) {
    for (const auto& [text, normal] : normal_forms) {
        EXPECT_EQ(url(text).to_string(), normal) << text;
        EXPECT_EQ(url(normal).to_string(), normal) << "again";
    }
}

TEST(a_url, may_have_any_scheme) {
    EXPECT_EQ(url("mailto:a@b").path(), "a@b");
    EXPECT_EQ(url("mailto:a@b").kind(), host_kind::none);
    EXPECT_EQ(url("mailto:a@b").authority(), "");
    EXPECT_EQ(url("mailto:a@b").port(), 0);
    EXPECT_EQ(url("file:///etc/hosts").path(), "/etc/hosts");
    EXPECT_EQ(url("file:///etc/hosts").host(), "");
    EXPECT_EQ(url("postgres://u@%2Frun%2Fpg/db").host(), "%2frun%2fpg");
    EXPECT_EQ(url("redis://h:6379/0").port(), 6379);
    EXPECT_EQ(url("urn:isbn:1").to_string(), "urn:isbn:1");
    EXPECT_EQ(url("x:/a/../b").to_string(), "x:/a/../b");
    EXPECT_EQ(url("x:").path(), "");
    EXPECT_EQ(url("a1+-.:x").scheme(), "a1+-.");
}

TEST(a_url, knows_what_its_host_is) {
    EXPECT_EQ(url("http://127.0.0.1/").kind(), host_kind::ipv4);
    EXPECT_EQ(url("http://[::1]/").kind(), host_kind::ipv6);
    EXPECT_EQ(url("http://[::1]/").host(), "::1");
    EXPECT_EQ(url("http://[::1]/").authority(), "[::1]");
    EXPECT_EQ(url("http://[::1]/").origin(), "http://[::1]:80");
    EXPECT_EQ(url("http://1.2.3.4.example/").kind(), host_kind::name);
    EXPECT_EQ(url("http://4chan/").kind(), host_kind::name);
}

using enum url_fault;

const std::vector<std::pair<std::string, url_fault>> wrong_urls = {
    {"", empty},
    {"example.com/a", no_scheme},
    {"//h/a", no_scheme},
    {"/a", no_scheme},
    {"?q", no_scheme},
    {"1http://h/", bad_scheme},
    {":a", bad_scheme},
    {"ht tp://h/", bad_scheme},
    {" http://h/", bad_scheme},
    {"localhost:8080", none},  // a scheme and a path, as RFC 3986 has it
    {"127.0.0.1:8080", bad_scheme},
    {"http:", no_host},
    {"http:/a", no_host},
    {"http:a", no_host},
    {"http://", no_host},
    {"http:///a", no_host},
    {"http://:80/", no_host},
    {"http://u@/", no_host},
    {"http://h/\r\nX: y", control_character},
    {"http://h/a\tb", control_character},
    {"http://h/a\x7f", control_character},
    {std::string("http://h/\0", 10), control_character},
    {"http://u@v@h/", bad_user_info},
    {"http://u v@h/", bad_user_info},
    {"http://good\\@evil/", bad_user_info},
    {"http://\xc3\xa4@h/", bad_user_info},
    {"http://a b/", bad_host},
    {"http://a%41/", bad_host},
    {"http://a\\b/", bad_host},
    {"http://a<b/", bad_host},
    {"http://" + std::string(255, 'a') + "/", bad_host},
    {"http://b\xc3\xbc"
     "cher.example/",
     non_ascii_host},
    {"http://127.1/", bad_ipv4},
    {"http://0x7f.0.0.1/", bad_ipv4},
    {"http://0x7F000001/", bad_ipv4},
    {"http://2130706433/", bad_ipv4},
    {"http://1.2.3.256/", bad_ipv4},
    {"http://01.2.3.4/", bad_ipv4},
    {"http://1.2.3.4./", bad_ipv4},
    {"http://1.2.3.4.5/", bad_ipv4},
    {"http://a.1/", bad_ipv4},
    {"http://[::1/", bad_ipv6},
    {"http://[::1]x/", bad_ipv6},
    {"http://[]/", bad_ipv6},
    {"http://[1.2.3.4]/", bad_ipv6},
    {"http://[::g]/", bad_ipv6},
    {"http://[fe80::1%25eth0]/", bad_ipv6},
    {"http://[v1.a]/", bad_ipv6},
    {"http://h:65536/", bad_port},
    {"http://h:-1/", bad_port},
    {"http://h:8 0/", bad_port},
    {"http://h:80:80/", bad_port},
    {"http://h:99999999999999999999/", bad_port},
    {"http://::1/", bad_port},
    {"http://h/" + std::string(max_url_bytes, 'a'), too_long},
    {"http://h/" + std::string(max_url_bytes / 2, ' '), too_long},
};

TEST(a_url, is_refused_with_the_reason) {
    for (const auto& [text, fault] : wrong_urls) {
        url_fault why{};
        EXPECT_EQ(url::parse(text, why).has_value(), fault == none) << text;
        EXPECT_EQ(to_string(why), to_string(fault)) << text;
        EXPECT_EQ(url::parse(text).has_value(), fault == none) << text;
    }
}

TEST(a_url, is_as_long_as_allowed_and_no_longer) {
    EXPECT_TRUE(url::parse("http://h/" + std::string(max_url_bytes - 9, 'a')));
    EXPECT_FALSE(url::parse("http://h/" + std::string(max_url_bytes - 8, 'a')));
    EXPECT_TRUE(url::parse("http://" + std::string(254, 'a') + "/"));
}

TEST(a_url, is_refused_with_an_exception_that_says_why) {
    try {
        url("http://127.1/");
        FAIL();
    } catch (const url_error& e) {
        EXPECT_EQ(e.fault(), url_fault::bad_ipv4);
        EXPECT_STREQ(
            e.what(),
            "not a URL: 'http://127.1/': the host looks like an IPv4 address but isn't four numbers from 0 to 255");
    }
    try {
        url(std::string(300, '\n'));
        FAIL();
    } catch (const url_error& e) {
        EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos);
        EXPECT_LT(std::string_view(e.what()).size(), 300u);
    }
}

// RFC 3986, section 5.4.1 and 5.4.2, all of them.
const std::vector<std::pair<std::string, std::string>> examples = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g/"},  // the RFC has no slash behind it; for http it is the same
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"g;x", "http://a/b/c/g;x"},
    {"g;x?y#s", "http://a/b/c/g;x?y#s"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"../../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"g..", "http://a/b/c/g.."},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {"g;x=1/../y", "http://a/b/c/y"},
    {"g?y/./x", "http://a/b/c/g?y/./x"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/./x", "http://a/b/c/g#s/./x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
    {"http:g", "http://a/b/c/g"},  // "for backward compatibility"
};

TEST(a_reference, means_what_RFC_3986_says) {
    const url base("http://a/b/c/d;p?q");
    for (const auto& [reference, target] : examples)
        EXPECT_EQ(base.resolve(reference).to_string(), target) << reference;
}

TEST(a_reference, means_the_same_for_schemes_that_are_not_the_webs) {
    const url base("x://a/b/c/d;p?q");
    EXPECT_EQ(base.resolve("//g").to_string(), "x://g");
    EXPECT_EQ(base.resolve("../../../g").to_string(), "x://a/g");
    EXPECT_EQ(base.resolve("x:g").to_string(), "x:g");
    EXPECT_EQ(url("x://a").resolve("g").to_string(), "x://a/g");
    EXPECT_EQ(url("x:a/b").resolve("c").to_string(), "x:a/c");
    EXPECT_EQ(url("x:a").resolve("b").to_string(), "x:b");
    EXPECT_EQ(url("x:a").resolve("y:../b/./c").to_string(), "y:b/c");
    EXPECT_EQ(url("x:/a").resolve(".//b").to_string(), "x:/.//b");
    EXPECT_EQ(url("x:/a").resolve("/%2e%2e/b").to_string(), "x:/%2e%2e/b");
}

TEST(a_reference, may_be_what_servers_really_send) {
    const url base("https://u:p@h:8443/a?b#c");
    EXPECT_EQ(base.resolve("/x y").to_string(), "https://u:p@h:8443/x%20y");
    EXPECT_EQ(base.resolve("//other/x").to_string(), "https://other/x");
    EXPECT_EQ(base.resolve("HTTP://other:80").to_string(), "http://other/");
    EXPECT_EQ(base.resolve("").to_string(), "https://u:p@h:8443/a?b");
    EXPECT_EQ(base.resolve("/a/%2E%2e/../b").to_string(), "https://u:p@h:8443/b");
    EXPECT_EQ(base.resolve("./a:b").to_string(), "https://u:p@h:8443/a:b");
}

TEST(a_reference, is_refused_as_a_url_is) {
    const url base("http://h/");
    url_fault why{};
    EXPECT_FALSE(base.resolve("/\r\nSet-Cookie: x", why));
    EXPECT_EQ(why, url_fault::control_character);
    EXPECT_FALSE(base.resolve("//[::1", why));
    EXPECT_EQ(why, url_fault::bad_ipv6);
    EXPECT_FALSE(base.resolve("1:b", why));
    EXPECT_EQ(why, url_fault::bad_scheme);
    EXPECT_THROW(base.resolve("https://"), url_error);
    EXPECT_TRUE(base.resolve("x", why));
    EXPECT_EQ(why, url_fault::none);
}

TEST(two_urls, share_an_origin_or_not) {
    EXPECT_TRUE(url("http://h/a").has_same_origin(url("http://H:80/b?c")));
    EXPECT_FALSE(url("http://h/").has_same_origin(url("https://h/")));
    EXPECT_FALSE(url("http://h/").has_same_origin(url("http://h:81/")));
    EXPECT_FALSE(url("http://h/").has_same_origin(url("http://i/")));
    EXPECT_EQ(url("http://h"), url("http://h/"));
    EXPECT_LT(url("http://a"), url("http://b/"));
}

TEST(a_url, changes_in_one_part) {
    const url u("http://u:p@h/a?b#c");
    EXPECT_EQ(u.with_query("x=y z").to_string(), "http://u:p@h/a?x=y%20z#c");
    EXPECT_EQ(url("http://h/a").with_query("x").to_string(), "http://h/a?x");
    EXPECT_EQ(u.without_fragment().to_string(), "http://u:p@h/a?b");
    EXPECT_EQ(u.without_fragment().query(), "b");
    EXPECT_EQ(u.without_user_info().to_string(), "http://h/a?b#c");
    EXPECT_EQ(u.without_user_info().host(), "h");
    EXPECT_EQ(url("http://h/").without_user_info().to_string(), "http://h/");
    EXPECT_THROW(u.with_query(std::string(max_url_bytes, 'q')), url_error);
}

}  // namespace
}  // namespace torus::http
