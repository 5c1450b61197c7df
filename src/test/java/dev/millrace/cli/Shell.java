package dev.millrace.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** What a command printed and returned, run in this process. */
record Shell(int code, String out, String error) {
    static Shell millrace(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter error = new StringWriter();
        String[] words = java.util.Arrays.stream(args).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(error, true), words);
        return new Shell(code, out.toString(), error.toString());
    }

    List<String> errorLines() {
        return error.lines().toList();
    }
}
