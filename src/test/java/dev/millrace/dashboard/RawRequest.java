package dev.millrace.dashboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends bytes as they are, since the JDK's client refuses to forge headers. */
final class RawRequest {
    private static final Pattern STATUS = Pattern.compile("^HTTP/1\\.1 (\\d{3})");
    private static final int PATIENCE_MILLIS = 20_000;

    private RawRequest() {}

    /**
     * @param head status line and headers
     * @param body what follows them
     */
    record Answer(String head, String body) {
        /** 0 if the server just closed the connection. */
        int status() {
            Matcher matcher = STATUS.matcher(head);
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        }

        String header(String name) {
            Matcher matcher = Pattern.compile("(?im)^" + Pattern.quote(name) + ": *(.*?)\\r?$")
                    .matcher(head);
            return matcher.find() ? matcher.group(1) : "";
        }
    }

    static Answer send(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                socket.getInputStream().transferTo(answer);
            } catch (java.net.SocketException e) {
                // Refused by closing, perhaps before all was sent: what came so far counts.
            }
            String text = answer.toString(StandardCharsets.UTF_8);
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? new Answer(text, "") : new Answer(text.substring(0, end), text.substring(end + 4));
        }
    }

    /** A request in order but for what the lines say. */
    static Answer get(int port, String target, String... headers) throws IOException {
        return send(
                port,
                "GET " + target + " HTTP/1.1\r\nConnection: close\r\n"
                        + String.join(
                                "",
                                java.util.Arrays.stream(headers)
                                        .map(line -> line + "\r\n")
                                        .toList()) + "\r\n");
    }
}
