// tests/http/values_test.cpp: escapes, queries, credentials, media types, status codes.
#include "torus/http/auth.hpp"
#include "torus/http/base64.hpp"
#include "torus/http/mime.hpp"
#include "torus/http/percent.hpp"
#include "torus/http/query.hpp"
#include "torus/http/status.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace torus::http {
namespace {

using namespace std::string_literals;

TEST(percent_encoding, leaves_only_what_is_harmless_in_the_place) {
    EXPECT_EQ(percent_encode("50% & more/less?"), "50%25%20%26%20more%2Fless%3F");
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode("\0\xff"s), "%00%FF");
    EXPECT_EQ(percent_encode("/a b?%41", url_part::path), "/a%20b%3F%41");
    EXPECT_EQ(percent_encode("a=b&c=?/#", url_part::query), "a=b&c=?/%23");
    EXPECT_EQ(percent_encode(""), "");
}

TEST(percent_encoding, is_undone) {
    EXPECT_EQ(percent_decode("50%25%20%2f%2F"), "50% //");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_EQ(percent_decode("%00"), "\0"s);
    EXPECT_EQ(percent_decode(""), "");
    for (auto wrong : {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 41"}) EXPECT_FALSE(percent_decode(wrong)) << wrong;
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(a_query, is_built_with_escapes) {
    EXPECT_EQ(query().add("q", "a b&c").add("n", "").add("ü", "=").to_string(), "q=a%20b%26c&n=&%C3%BC=%3D");
    EXPECT_EQ(query().to_string(), "");
}

TEST(a_query, is_read_without_complaints) {
    const query q("a=1&b=x+y%20z&c&=d&&a=2&e=%zz%");
    EXPECT_EQ(q.size(), 6u);
    EXPECT_EQ(q.get("a"), "1");
    EXPECT_EQ(q.get("b"), "x y z");
    EXPECT_EQ(q.get("c"), "");
    EXPECT_EQ(q.get(""), "d");
    EXPECT_EQ(q.get("e"), "%zz%");
    EXPECT_FALSE(q.get("z"));
    EXPECT_TRUE(query("").empty());
    EXPECT_TRUE(query("&&&").empty());
    EXPECT_EQ(query(q.to_string()).to_string(), q.to_string());
    EXPECT_EQ(q.begin()->first, "a");
}

TEST(base64, has_the_examples_of_RFC_4648) {
    const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, coded] : examples) {
        EXPECT_EQ(base64_encode(plain), coded);
        EXPECT_EQ(base64_decode(coded), plain);
    }
    EXPECT_EQ(base64_encode("\xfb\xff\xbf"), "+/+/");
}

TEST(base64, refuses_what_it_would_not_write) {
    for (auto wrong :
         {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "====", "=m9v", "Zm=v", "Zm-_", "Zm9v===="})
        EXPECT_FALSE(base64_decode(wrong)) << wrong;
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(basic_credentials, have_the_example_of_RFC_7617) {
    EXPECT_EQ(basic_credentials("Aladdin", "open sesame").to_string(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic_credentials::parse("basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
              basic_credentials("Aladdin", "open sesame"));
    EXPECT_EQ(basic_credentials::parse("Basic " + base64_encode("u:p:q")), basic_credentials("u", "p:q"));
    EXPECT_EQ(basic_credentials::parse("Basic " + base64_encode(":")), basic_credentials("", ""));
}

TEST(basic_credentials, refuse_what_does_not_fit) {
    EXPECT_THROW(basic_credentials("a:b", "c").to_string(), std::invalid_argument);
    EXPECT_THROW(basic_credentials("a\n", "c").to_string(), std::invalid_argument);
    EXPECT_THROW(basic_credentials("a", "c\t").to_string(), std::invalid_argument);
    for (auto wrong : {"", "Basic", "Bearer abc", "BasicZg==", "Basic !!!!", "Basic Zg=="})
        EXPECT_FALSE(basic_credentials::parse(wrong)) << wrong;
    EXPECT_FALSE(basic_credentials::parse("Basic " + base64_encode("a\r\n:b")));
}

TEST(a_media_type, follows_from_the_extension) {
    EXPECT_EQ(mime_type("index.html"), "text/html; charset=utf-8");
    EXPECT_EQ(mime_type("/a/b.c/INDEX.HTML"), "text/html; charset=utf-8");
    EXPECT_EQ(mime_type("a.tar.gz"), "application/gzip");
    EXPECT_EQ(mime_type("x.7z"), "application/x-7z-compressed");
    EXPECT_EQ(mime_type("x.zst"), "application/zstd");
    EXPECT_EQ(mime_type("app.webmanifest"), "application/manifest+json");
    for (auto unknown : {"", "README", "a.", ".html", "/a.html/b", "x.unheardof", "x.webmanifestation", "a/.png"})
        EXPECT_EQ(mime_type(unknown), "application/octet-stream") << unknown;
}

TEST(a_status, has_a_phrase_and_a_class) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(404), "Not Found");
    EXPECT_EQ(reason_phrase(503), "Service Unavailable");
    for (int unknown : {-1, 0, 299, 306, 399, 499, 599, 1000}) EXPECT_EQ(reason_phrase(unknown), "") << unknown;
    EXPECT_TRUE(is_redirect(303) && is_redirect(308) && !is_redirect(300) && !is_redirect(304) && !is_redirect(306));
    EXPECT_TRUE(has_no_body(100) && has_no_body(204) && has_no_body(304) && !has_no_body(205));
    EXPECT_TRUE(is_success(299) && !is_success(300) && is_error(400) && !is_error(399) && is_informational(199));
}

}  // namespace
}  // namespace torus::http
