"""What findings say of people: whom a step tells, and who confirms an act. As `finding_texts`."""

from ledger.wording import Texts

of_people = Texts(
    {
        "confirms-alone": "the only person who could confirm to {act} is the only one there who could propose it",
        "no-such-office": "an office that does not exist{near}",
        "nobody-could-confirm": "nobody could confirm today that an instance is to {act}",
        "nobody-is-told": "nobody {step} tells is there today",
        "office": "an office",
        "one-more-who-may": "one more person whose roles allow `instance: {act}`",
        "person-of-its-roles": "a person with one of its roles",
        "person-who-may-confirm": "a person with {role} whose roles allow `instance: {act}`",
        "tells-no-step": "{step} tells who acted in no step{near}",
        "tells-where-nobody-acts": "{step} tells who acted in {other}, in which no person acts",
    }
)
