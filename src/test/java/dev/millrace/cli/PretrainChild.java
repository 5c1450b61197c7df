package dev.millrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import jdk.jfr.Recording;

/** A command in a process of its own, with every use of a socket by Java written down. */
final class PretrainChild {
    /** What Java records of sockets; the last since 22. */
    static final List<String> EVENTS = List.of("jdk.SocketRead", "jdk.SocketWrite", "jdk.SocketConnect");

    private PretrainChild() {}

    /** Arguments: the file for the record, a port to send a byte to first or 0, a file for the output, the command. */
    public static void main(String[] args) throws IOException {
        Path record = Path.of(args[0]);
        int port = Integer.parseInt(args[1]);
        int code;
        try (Recording recording = new Recording();
                PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[2]), StandardCharsets.UTF_8))) {
            EVENTS.forEach(event -> recording.enable(event).withThreshold(Duration.ZERO));
            recording.start();
            if (port > 0) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.getOutputStream().write(1);
                    // Until the other side has looked.
                    socket.getInputStream().read();
                }
            }
            code = Main.run(out, out, Arrays.copyOfRange(args, 3, args.length));
            recording.dump(record);
        }
        System.exit(code);
    }
}
