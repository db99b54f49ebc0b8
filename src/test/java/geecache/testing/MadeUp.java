package geecache.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Answers that no node gave. */
enum MadeUp {
  VALUE(
      """
      HTTP/1.1 200 OK
      Geecache-Status: ok
      Content-Type: application/octet-stream
      """,
      "made up by a faulty peer"),

  /** That of Tomcat. */
  NOT_FOUND(
      """
      HTTP/1.1 404\s
      Content-Type: text/html;charset=utf-8
      Content-Language: en
      """,
      """
      <!doctype html><html lang="en"><head><title>HTTP Status 404 – Not Found</title>\
      <style type="text/css">body {font-family:Tahoma,Arial,sans-serif;}</style></head>\
      <body><h1>HTTP Status 404 – Not Found</h1><hr class="line" />\
      <p><b>Type</b> Status Report</p><p><b>Description</b> The origin server did not find a \
      current representation for the target resource.</p><hr class="line" />\
      <h3>Apache Tomcat/10.1</h3></body></html>"""),

  /** That of nginx. */
  BAD_GATEWAY(
      """
      HTTP/1.1 502 Bad Gateway
      Server: nginx
      Content-Type: text/html
      """,
      """
      <html>
      <head><title>502 Bad Gateway</title></head>
      <body>
      <center><h1>502 Bad Gateway</h1></center>
      <hr><center>nginx</center>
      </body>
      </html>
      """),

  LOGIN(
      """
      HTTP/1.1 200 OK
      Content-Type: text/html;charset=utf-8
      Cache-Control: no-store
      Set-Cookie: session=none; Path=/; HttpOnly
      """,
      """
      <!doctype html><html lang="en"><head><title>Log in</title></head><body>
      <form method="post" action="/login"><input name="user"><input name="password" \
      type="password"><button>Log in</button></form></body></html>
      """),

  REDIRECT(
      """
      HTTP/1.1 302 Found
      Location: /login
      """,
      "");

  private final Head head;
  private final byte[] body;

  MadeUp(String head, String body) {
    this.body = body.getBytes(UTF_8);
    this.head = new Head(head.replace("\n", "\r\n")).withLength(this.body.length);
  }

  /** Its head, with the {@code Content-Length} of its body. */
  Head head() {
    return head;
  }

  byte[] body() {
    return body.clone();
  }
}
