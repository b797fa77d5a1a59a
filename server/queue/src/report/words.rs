//! What enhanced codes mean for the person who wrote the message (RFC 3463, RFC 7504, RFC 7372), in two languages.

use postigo_smtp::EnhancedCode;

/// Spanish, English.
pub(super) type Words = [&'static str; 2];

/// What happened, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Explanation {
    pub what: Words,
    pub advice: Words,
}

const CHECK_ADDRESS: Words = [
    "Compruebe que la dirección está bien escrita, o pregunte a esa persona por su dirección actual.",
    "Check that the address is spelled correctly, or ask that person for their current address.",
];
const TRY_LATER: Words = [
    "Inténtelo de nuevo más tarde. Si se repite, avise a esa persona por otro medio.",
    "Try again later. If it happens again, tell that person by other means.",
];
const SEND_LESS: Words = [
    "Envíe menos o más pequeños archivos adjuntos, o comparta un enlace en su lugar.",
    "Send fewer or smaller attachments, or share a link instead.",
];
const ASK_ADMIN: Words =
    ["Enseñe este mensaje a quien administra su correo.", "Show this message to whoever runs your mail."];

/// The most special explanation of a code: by subject and detail, else by subject.
pub(super) fn explain(code: EnhancedCode) -> Explanation {
    let EnhancedCode(_, subject, detail) = code;
    let (what, advice) = match (subject, detail) {
        (1, 0 | 1 | 3 | 6) => (
            [
                "Esa dirección no existe en el servidor de destino.",
                "That address does not exist at its server.",
            ],
            CHECK_ADDRESS,
        ),
        (1, 2) => (
            [
                "El dominio de la dirección (lo que sigue a la @) no existe.",
                "The domain of the address (the part after the @) does not exist.",
            ],
            CHECK_ADDRESS,
        ),
        (1, 10) => (
            ["Ese dominio dice que no recibe correo.", "That domain says that it takes no mail."],
            CHECK_ADDRESS,
        ),
        (1, 7 | 8) => (
            [
                "El servidor de destino no acepta su dirección de remitente.",
                "The receiving server does not accept your address as the sender.",
            ],
            ASK_ADMIN,
        ),
        (1, _) => {
            (["Hay un problema con la dirección.", "There is a problem with the address."], CHECK_ADDRESS)
        }
        (2, 1) => (["Ese buzón está cerrado.", "That mailbox is closed."], CHECK_ADDRESS),
        (2, 2) => (["El buzón de esa persona está lleno.", "That person's mailbox is full."], TRY_LATER),
        (2, 3) => (
            ["El mensaje es demasiado grande para ese buzón.", "The message is too large for that mailbox."],
            SEND_LESS,
        ),
        (2, _) => (
            ["Hay un problema con el buzón de destino.", "There is a problem with the receiving mailbox."],
            TRY_LATER,
        ),
        (3, 4) => (
            [
                "El mensaje es demasiado grande para el servidor de destino.",
                "The message is too large for the receiving server.",
            ],
            SEND_LESS,
        ),
        (3, _) => {
            (["El servidor de destino tiene un problema.", "The receiving server has a problem."], TRY_LATER)
        }
        (4, 1) => {
            (["El servidor de destino no contesta.", "The receiving server does not answer."], TRY_LATER)
        }
        (4, 2) => (
            [
                "La conexión con el servidor de destino se cortó.",
                "The connection to the receiving server broke off.",
            ],
            TRY_LATER,
        ),
        (4, 3 | 4) => (
            [
                "No se encuentra el servidor de destino: el DNS no dice a dónde llevar el correo.",
                "The receiving server cannot be found: the DNS does not say where the mail goes.",
            ],
            CHECK_ADDRESS,
        ),
        (4, 6) => (
            [
                "El mensaje daba vueltas entre servidores sin llegar a ninguna parte.",
                "The message went round in circles between servers.",
            ],
            ASK_ADMIN,
        ),
        (4, 7) => (
            [
                "Se intentó durante todo el plazo previsto, sin éxito.",
                "It was tried for as long as is allowed, without success.",
            ],
            TRY_LATER,
        ),
        (4, _) => (
            [
                "Hay un problema en la red o con el camino hasta el servidor de destino.",
                "There is a problem with the network or with the way to the receiving server.",
            ],
            TRY_LATER,
        ),
        (5, 3) => (
            ["El mensaje tiene demasiados destinatarios.", "The message has too many recipients."],
            ["Envíelo a menos personas cada vez.", "Send it to fewer people at a time."],
        ),
        (5, _) => (
            ["Los dos servidores no se entendieron.", "The two servers did not understand each other."],
            ASK_ADMIN,
        ),
        (6, 7 | 9) => (
            [
                "El servidor de destino no admite direcciones con letras como ñ o á.",
                "The receiving server does not take addresses with letters beyond plain ASCII.",
            ],
            [
                "Use otra dirección de esa persona, sin esas letras.",
                "Use another address of that person, without such letters.",
            ],
        ),
        (6, _) => (
            [
                "El servidor de destino no acepta el contenido del mensaje.",
                "The receiving server does not accept the content of the message.",
            ],
            ASK_ADMIN,
        ),
        (7, 20..=23 | 26) => (
            [
                "El servidor de destino no pudo comprobar que el mensaje viene de quien dice (SPF, DKIM).",
                "The receiving server could not verify that the message is from whom it says (SPF, DKIM).",
            ],
            ASK_ADMIN,
        ),
        (7, 25) => (
            [
                "La dirección IP de nuestro servidor no tiene un nombre válido en el DNS.",
                "The IP address of our server has no valid name in the DNS.",
            ],
            ASK_ADMIN,
        ),
        (7, 10..=11 | 30) => (
            [
                "El servidor exige una conexión cifrada que no se pudo establecer.",
                "The server demands an encrypted connection, which was not possible.",
            ],
            ASK_ADMIN,
        ),
        (7, _) => (
            [
                "El servidor de destino rechazó el mensaje por sus normas.",
                "The receiving server refused the message because of its rules.",
            ],
            [
                "Lea lo que respondió: suele decir el motivo. Si no lo entiende, enseñe este mensaje a quien administra su correo.",
                "Read what it replied: it often gives the reason. If that does not help, show this message to whoever runs your mail.",
            ],
        ),
        _ => (
            [
                "No se pudo entregar, y no se dijo por qué.",
                "It could not be delivered, and no reason was given.",
            ],
            TRY_LATER,
        ),
    };
    Explanation { what, advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        for subject in 0..12 {
            for detail in 0..40 {
                let Explanation { what, advice } = explain(EnhancedCode(5, subject, detail));
                for [spanish, english] in [what, advice] {
                    assert!(
                        !spanish.is_empty() && !english.is_empty() && spanish != english,
                        "{subject}.{detail}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_most_special_explanation_is_taken() {
        let english = |subject, detail| explain(EnhancedCode(5, subject, detail)).what[1];
        assert!(english(1, 1).contains("does not exist at its server"));
        assert!(english(1, 99).contains("problem with the address"));
        assert!(english(2, 2).contains("full"));
        assert!(english(7, 26).contains("SPF"));
        assert!(english(9, 9).contains("no reason"));
    }
}
