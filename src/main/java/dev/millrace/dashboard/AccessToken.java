package dev.millrace.dashboard;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of one start of a server, 128 random bits each: the token in the address that a person is given, and the session
 * that a browser keeps in a cookie instead of it. Thread-safe. Compared in a time that does not depend on where they differ.
 */
final class AccessToken {
    private static final int BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final String token = secret();
    private final String session = secret();
    private final AtomicReference<@Nullable String> ticket = new AtomicReference<>();

    /** What the address holds. */
    String token() {
        return token;
    }

    /** What the cookie holds. */
    String session() {
        return session;
    }

    /** A token for one use, for an address that other users of the machine can see while a browser is started with it. */
    String newTicket() {
        String made = secret();
        ticket.set(made);
        return made;
    }

    boolean isToken(String given) {
        if (same(given, token)) {
            return true;
        }
        String open = ticket.get();
        return open != null && same(given, open) && ticket.compareAndSet(open, null);
    }

    boolean isSession(String given) {
        return same(given, session);
    }

    private static boolean same(String given, String secret) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    private String secret() {
        byte[] bits = new byte[BYTES];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
