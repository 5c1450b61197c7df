package dev.millrace.cli;

import dev.millrace.kv.KvCatalog;
import dev.millrace.kv.KvSecret;
import dev.millrace.kv.KvStore;
import dev.millrace.kv.PersistMode;
import dev.millrace.sqlite.DatabaseException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A store that a command line writes to, and what it is to be if it is not there yet. */
final class KvTarget {
    @Mixin
    private final KvInput input = new KvInput();

    @Option(
            names = "--encrypt",
            description = "Make the store, which is not there yet, an encrypted one, with the password or key given. A"
                    + " --key-file that is not there either is made.")
    private boolean encrypt;

    @Option(names = "--compress", description = "Compress values (LZ4) where that makes them smaller.")
    private boolean compress;

    Path file() {
        return input.file();
    }

    /** What is done with an open store. */
    @FunctionalInterface
    interface Work<R> {
        R run(KvStore store) throws IOException;
    }

    /** Opens the store for writing, or makes it, and closes it afterwards. */
    <R> R write(PersistMode mode, Console console, Work<R> work) throws IOException {
        try (KvStore store = open(mode, console)) {
            return work.run(store);
        } catch (DatabaseException e) {
            throw ending(e);
        }
    }

    /** The error of a command that ends: that what was put is kept and tried again is true of a program that goes on. */
    static DatabaseException ending(DatabaseException e) {
        return e.getCause() instanceof DatabaseException cause ? cause : e;
    }

    private KvStore open(PersistMode mode, Console console) throws IOException {
        try (KvSecret secret = secret(console)) {
            return KvStore.builder()
                    .setFile(input.file())
                    .optPersistMode(mode)
                    .optCompression(compress)
                    .optSecret(secret)
                    .build();
        }
    }

    private @Nullable KvSecret secret(Console console) throws IOException {
        Path file = Inputs.inFolder(input.file());
        if (input.exists()) {
            if (encrypt && input.protection() == KvCatalog.Protection.NONE) {
                throw new UsageException("--encrypt: the store is there and not encrypted (" + file
                        + "). Export it, and import that into a new one.");
            }
            return input.secret();
        }
        if (!encrypt) {
            if (input.namesSecret()) {
                throw new UsageException("The store is not there yet (" + file
                        + "). Add --encrypt to make it an encrypted one, or leave the password and key file out.");
            }
            return null;
        }
        if (input.keyFile() != null && Files.notExists(input.keyFile())) {
            newKey(input.keyFile(), console);
        }
        KvSecret named = input.named(true);
        if (named != null) {
            return named;
        }
        KvSecret chosen = chosen(file);
        if (chosen == null) {
            throw new UsageException("--encrypt: expected --password-file, --key-file or a password in "
                    + KvInput.PASSWORD + ", found none.");
        }
        return chosen;
    }

    private static void newKey(Path keyFile, Console console) throws IOException {
        Inputs.inFolder(keyFile);
        try {
            KvSecret.newKeyFile(keyFile);
        } catch (FileSystemException e) {
            throw new UsageException(
                    "Cannot make " + keyFile + ": " + (e.getReason() == null ? e.toString() : e.getReason()) + ".");
        }
        console.warn("made a new key, " + keyFile + "; without it the store cannot be read: keep a copy elsewhere");
    }

    /** A new password, typed twice; null without a terminal. */
    private static @Nullable KvSecret chosen(Path file) {
        char[] first = KvInput.typed("New password of " + file + ": ");
        if (first == null) {
            return null;
        }
        char[] second = KvInput.typed("Once more: ");
        try {
            if (!Arrays.equals(first, second)) {
                throw new UsageException("Expected the same password twice, found two. Nothing was made.");
            }
            return Inputs.checked(() -> KvSecret.password(first));
        } finally {
            Arrays.fill(first, '\0');
            if (second != null) {
                Arrays.fill(second, '\0');
            }
        }
    }
}
