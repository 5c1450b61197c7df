package dev.millrace.cli;

import dev.millrace.kv.KvCatalog;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.sqlite.CorruptDatabaseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The store that a command line means, and the secret that opens it. Secrets never stand on the command line itself. */
final class KvInput {
    /** Holds the password where there is no file of it. */
    static final String PASSWORD = "MILLRACE_KV_PASSWORD";

    private static final int LONGEST_PASSWORD_FILE = 1 << 16;

    @Parameters(index = "0", paramLabel = "STORE.db", description = "The store's file.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(
            names = "--password-file",
            paramLabel = "F",
            description = "Of an encrypted store: the first line of this file is its password. Without, the environment"
                    + " variable " + PASSWORD + " is; on a terminal it is asked for.")
    private @Nullable Path passwordFile;

    @Option(names = "--key-file", paramLabel = "F", description = "Of an encrypted store: the file that has its key.")
    private @Nullable Path keyFile;

    /** The file, there or not. */
    Path file() {
        return file;
    }

    /** Whether it is there; an empty file is a store still to be made. */
    boolean exists() {
        try {
            return Files.isRegularFile(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws UsageException if the file is not there */
    Path existing() {
        return Inputs.file(file);
    }

    @Nullable
    Path keyFile() {
        return keyFile;
    }

    /** The files that open the store, which nothing may be written over. */
    List<Path> secretFiles() {
        return Stream.of(passwordFile, keyFile).filter(Objects::nonNull).toList();
    }

    /** Whether the command line names a password or key file. */
    boolean namesSecret() {
        return passwordFile != null || keyFile != null;
    }

    /** Opens the store beside whoever writes to it. */
    KvStore open() {
        existing();
        try (KvSecret secret = secret()) {
            return KvStore.builder()
                    .setFile(file)
                    .optReadOnly(true)
                    .optSecret(secret)
                    .build();
        }
    }

    /**
     * The secret that opens the store, which is there; null if it is not encrypted. The caller closes it.
     *
     * @throws UsageException if one is named and the store is not encrypted, or none is to be had
     */
    @Nullable
    KvSecret secret() {
        KvCatalog.Protection protection = protection();
        if (protection == KvCatalog.Protection.NONE) {
            if (namesSecret()) {
                throw new UsageException("Expected no password and no key file: the store is not encrypted (" + file
                        + "). Leave " + (keyFile == null ? "--password-file" : "--key-file") + " out.");
            }
            return null;
        }
        boolean byPassword = protection == KvCatalog.Protection.PASSWORD;
        KvSecret secret = named(byPassword);
        if (secret == null && byPassword) {
            secret = asked("Password of " + file + ": ");
        }
        if (secret == null) {
            throw new UsageException("The store is encrypted (" + file + "). Give its "
                    + (byPassword ? "password by --password-file or in " + PASSWORD : "key by --key-file") + ".");
        }
        return secret;
    }

    /**
     * As {@link #secret}, but null also if the store is encrypted and neither the command line nor the environment says by what.
     */
    @Nullable
    KvSecret secretIfGiven() {
        return namesSecret() ? secret() : isByPassword() ? named(true) : null;
    }

    /** What opens the store, which is there. */
    KvCatalog.Protection protection() {
        try (KvCatalog catalog = KvCatalog.open(file)) {
            return catalog.protection();
        }
    }

    private boolean isByPassword() {
        try {
            return protection() == KvCatalog.Protection.PASSWORD;
        } catch (CorruptDatabaseException e) {
            // What is wrong with it is about to be told.
            return false;
        }
    }

    /**
     * What the command line or, where a password may serve, the environment says; null if nothing.
     */
    @Nullable
    KvSecret named(boolean orEnvironment) {
        if (passwordFile != null && keyFile != null) {
            throw new UsageException("Expected --password-file or --key-file, found both.");
        }
        if (keyFile != null) {
            try {
                return KvSecret.keyFile(keyFile);
            } catch (NoSuchFileException e) {
                throw new UsageException("No such file: " + keyFile);
            } catch (FileSystemException e) {
                throw new UsageException(
                        "Cannot use " + keyFile + ": " + (e.getReason() == null ? e.toString() : e.getReason()) + ".");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (passwordFile != null) {
            return firstLine(passwordFile);
        }
        String password = orEnvironment ? System.getenv(PASSWORD) : null;
        return password == null || password.isEmpty() ? null : KvSecret.password(password.toCharArray());
    }

    /** What is typed on a terminal, unseen; null where there is none. */
    static @Nullable KvSecret asked(String prompt) {
        char[] typed = typed(prompt);
        if (typed == null) {
            return null;
        }
        try {
            return Inputs.checked(() -> KvSecret.password(typed));
        } finally {
            Arrays.fill(typed, '\0');
        }
    }

    @SuppressWarnings("SystemConsoleNull") // of earlier Javas it is
    static char @Nullable [] typed(String prompt) {
        // Later Javas have a console also where standard input is no terminal: what the launcher saw counts too.
        java.io.Console console = System.console();
        boolean terminal = System.getenv().containsKey("MILLRACE_TERMINAL");
        return console == null || !terminal ? null : console.readPassword("%s", prompt);
    }

    private static KvSecret firstLine(Path file) {
        byte[] bytes = new byte[0];
        CharBuffer text = CharBuffer.allocate(0);
        try (java.io.InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST_PASSWORD_FILE);
            int end = 0;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, end));
            char[] password = new char[text.remaining()];
            text.duplicate().get(password);
            try {
                return KvSecret.password(password);
            } finally {
                Arrays.fill(password, '\0');
            }
        } catch (NoSuchFileException e) {
            throw new UsageException("No such file: " + file);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Expected a password in the first line of " + file + ", found an empty one.");
        } catch (CharacterCodingException e) {
            throw new UsageException(
                    "Expected a password in UTF-8 in the first line of " + file + ", found other bytes.");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the password file " + file + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            if (text.hasArray()) {
                Arrays.fill(text.array(), '\0');
            }
        }
    }

    /** How a store is protected, in words. */
    static String words(KvCatalog.Protection protection) {
        return Map.of(
                        KvCatalog.Protection.NONE, "none",
                        KvCatalog.Protection.PASSWORD, "AES-256-GCM, by password",
                        KvCatalog.Protection.KEY_FILE, "AES-256-GCM, by key file")
                .getOrDefault(protection, "");
    }
}
