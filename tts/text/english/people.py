"""Given names of people: what stands after one is an initial or the number of a generation."""

GIVEN_NAMES = {
    "aaron", "abraham", "adam", "adrian", "agnes", "alan", "albert", "alex", "alexander",
    "alexandra", "alfred", "alice", "allen", "alvin", "amanda", "amy", "andre", "andrea", "andrew",
    "angela", "ann", "anna", "anne", "anthony", "antonio", "arnold", "arthur", "ashley", "barbara",
    "benjamin", "bernard", "bernie", "betty", "beverly", "bill", "billy", "bob", "bobby", "bradley",
    "brandon", "brenda", "brian", "bruce", "bryan", "carl", "carlos", "carol", "caroline",
    "catherine", "cecil", "charles", "charlie", "charlotte", "chester", "chris", "christian",
    "christina", "christine", "christopher", "cindy", "claire", "clarence", "claude", "clifford",
    "clyde", "cornelius", "craig", "curtis", "cynthia", "dale", "daniel", "david", "davis", "dean",
    "deborah", "dennis", "diana", "diane", "donald", "donna", "dorothy", "douglas", "duane",
    "dwight", "dylan", "earl", "eddie", "edgar", "edith", "edmund", "eduardo", "edward", "edwin",
    "eleanor", "elizabeth", "ellen", "elmer", "emily", "emma", "eric", "ernest", "ethan", "eugene",
    "eva", "evelyn", "felix", "fernando", "floyd", "frances", "francis", "frank", "franklin",
    "fred", "frederick", "gary", "gene", "george", "gerald", "gilbert", "glen", "gloria", "gordon",
    "grace", "greg", "gregory", "guy", "harold", "harriet", "harry", "harvey", "heather", "hector",
    "helen", "henry", "herbert", "herman", "homer", "horace", "howard", "hugh", "ian", "irene",
    "isaac", "ivan", "jack", "jackie", "jacob", "jaime", "james", "jamie", "jane", "janet", "jason",
    "jay", "jean", "jeff", "jeffrey", "jennifer", "jeremy", "jerome", "jerry", "jesse", "jessica",
    "jessie", "jill", "jim", "jimmy", "joan", "joe", "joel", "john", "johnny", "jonathan", "jorge",
    "jose", "joseph", "joshua", "joyce", "juan", "judith", "judy", "julia", "julian", "julie",
    "karen", "karl", "kate", "katherine", "kathleen", "keith", "kelly", "ken", "kenneth", "kevin",
    "kimberly", "kurt", "kyle", "larry", "laura", "lawrence", "leo", "leon", "leonard", "leroy",
    "leslie", "lester", "lewis", "linda", "lisa", "lloyd", "lois", "louis", "lucy", "luis",
    "luther", "marcus", "margaret", "maria", "marie", "marilyn", "mario", "marion", "mark",
    "martha", "martin", "marvin", "mary", "matthew", "maurice", "max", "megan", "melissa", "melvin",
    "michael", "michelle", "miguel", "mike", "milton", "mitchell", "morgan", "morris", "nancy",
    "nathan", "nathaniel", "neil", "nicholas", "nick", "nicole", "norman", "oliver", "olivia",
    "oscar", "otto", "pamela", "patricia", "patrick", "paul", "paula", "pedro", "peter", "phil",
    "philip", "phillip", "phyllis", "rachel", "ralph", "ramon", "randall", "randy", "ray",
    "raymond", "rebecca", "reginald", "richard", "rick", "ricky", "robert", "roberto", "robin",
    "rodney", "roger", "roland", "ron", "ronald", "ronnie", "rose", "ross", "roy", "ruben",
    "russell", "ruth", "ryan", "sam", "samantha", "samuel", "sandra", "sara", "sarah", "scott",
    "sean", "sebastian", "sharon", "shawn", "sheila", "shirley", "sidney", "simon", "sophia",
    "sophie", "stanley", "stephanie", "stephen", "steve", "steven", "stuart", "susan", "sylvia",
    "ted", "terence", "teresa", "terry", "theodore", "theresa", "thomas", "tim", "timothy", "todd",
    "tom", "tommy", "tony", "tracy", "travis", "tyler", "vernon", "vicki", "victor", "victoria",
    "vincent", "virginia", "walter", "wanda", "warren", "wayne", "wendy", "wesley", "will",
    "willard", "william", "willie", "zachary",
}  # fmt: skip


def is_given_name(word: str) -> bool:
    """Whether a word is a given name, with its capital."""
    return word[:1].isupper() and word.lower() in GIVEN_NAMES
